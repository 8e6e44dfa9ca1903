// swift-tools-version: 6.2
import PackageDescription

let swift: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func library(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
    swiftSettings: swift)
}

/// CUDA sources travel in the C target as embedded text, and in the emulator as C++.
let cudaSources =
  [
    "activation", "adamw", "attention", "attention_norm", "cross_entropy", "dropout", "embedding",
    "fill", "first_rows", "first_token_attention", "global_norm", "head_linear",
    "inner_product", "layer_norm", "linear", "output_entropy",
  ].map { "ops/\($0)/\($0).cu" } + [
    "ops/activation/activation.cuh", "ops/adamw/adamw.cuh", "ops/adamw/adamw_rows.cu",
    "ops/attention/attention.cuh", "ops/attention/attention_backward.cu",
    "ops/attention/attention_tensor.cu", "ops/attention/attention_tensor.cuh",
    "ops/attention/attention_tensor_backward.cu", "ops/attention/attention_tensor_backward.cuh",
    "ops/attention/attention_tensor_whole.cu",
    "ops/dropout/dropout.cuh", "ops/layer_norm/layer_norm_backward.cu", "cuda/column_sums.cu",
    "cuda/common.cuh", "cuda/last_block.cuh",
    "cuda/kernels.cu", "cuda/operations.cu", "cuda/resources.txt", "cuda/rounding.cu",
    "cuda/rounding.cuh", "cuda/tensor_cores.cuh",
  ]

/// The address sanitizer's hooks, which the emulator answers itself: no library of a sanitizer is
/// linked.
let emulatorSettings: [CXXSetting] = [
  .unsafeFlags([
    "-std=c++20", "-O1", "-fno-exceptions", "-fno-rtti", "-fno-strict-aliasing",
    "-ffp-contract=off",
    "-fsanitize=kernel-address", "-mllvm", "-asan-instrumentation-with-call-threshold=0",
    "-mllvm", "-asan-stack=0", "-mllvm", "-asan-globals=0", "-mllvm",
    "-asan-kernel-mem-intrinsic-prefix=1", "-Wall", "-Wextra", "-Werror",
  ])
]

let package = Package(
  name: "pure",
  products: [
    .executable(name: "pure", targets: ["pure"]),
    // Takes the place of NVIDIA's libraries, for tests of the command.
    .library(name: "EmulatedLibraries", type: .dynamic, targets: ["EmulatedLibraries"]),
    // Lets system calls of the command fail.
    .library(name: "FaultyCalls", type: .dynamic, targets: ["FaultyCalls"]),
  ],
  targets: [
    // What everything stands on.
    .target(name: "CHash", cSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])]),

    // Engine: numbers on a device.
    .target(
      name: "CKernels", dependencies: ["CHash"], path: "CKernels",
      exclude: ["README.md", "cuda/emulator"] + cudaSources,
      cSettings: [
        // The C halves carry every hot loop, so they are optimised in debug builds too.
        .unsafeFlags(["-O3", "-fno-math-errno", "-Wall", "-Wextra", "-Werror"])
      ],
      linkerSettings: [.linkedLibrary("dl"), .linkedLibrary("pthread"), .linkedLibrary("m")]),
    .target(
      name: "EmulatedKernels", path: "CKernels/cuda/emulator/kernels",
      exclude: ["planted.cu", "planted_fragments.cu"],
      cxxSettings: emulatorSettings),
    .target(
      name: "CUDAEmulator", dependencies: ["CKernels", "EmulatedKernels"],
      path: "CKernels/cuda/emulator", exclude: ["kernels", "library"],
      cSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])]),
    .target(
      name: "EmulatedLibraries", dependencies: ["CUDAEmulator"],
      path: "CKernels/cuda/emulator/library",
      cSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])]),
    library("Tensors", "CKernels"),
    .target(
      name: "Conformance", dependencies: ["Tensors"],
      // The references are one side of every comparison, and slow: optimised in debug builds too.
      swiftSettings: swift + [.unsafeFlags(["-O"])]),

    // Input: bytes into values, no numbers.
    library("Files", "CHash"),
    library("Settings", "Files"),
    library("Text", "Files"),
    library("Checkpoints", "Files"),
    library("CommandLineArguments", "Files"),
    library("Attestations", "Checkpoints", "Files"),

    // Research: models, attacks, defences, experiments.
    library("Encoders", "Tensors", "Checkpoints", "Files"),
    library("Training", "Encoders", "Tensors", "Text", "Checkpoints", "Settings", "Files"),
    library(
      "Stages", "Training", "Encoders", "Tensors", "Text", "Checkpoints", "Settings", "Files"),
    library(
      "Attacks", "Stages", "Training", "Encoders", "Tensors", "Text", "Checkpoints", "Settings",
      "Files"),
    library(
      "Defenses", "Stages", "Training", "Encoders", "Tensors", "Text", "Checkpoints", "Settings",
      "Files"),
    .target(
      name: "Scans",
      dependencies: [
        "Stages", "Training", "Encoders", "Tensors", "Text", "Checkpoints", "Settings", "Files",
      ], resources: [.embedInCode("calibration.json")], swiftSettings: swift),
    library(
      "Laboratory", "Attacks", "Defenses", "Scans", "Stages", "Training", "Encoders", "Tensors",
      "Text",
      "Checkpoints", "Settings", "Files"),

    // The command.
    .target(name: "CHeap", cSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])]),
    .executableTarget(
      name: "pure",
      dependencies: [
        "Laboratory", "Attacks", "Defenses", "Scans", "Stages", "Training", "Settings", "Encoders",
        "Attestations", "Checkpoints", "Text",
        "Conformance", "Tensors", "Files", "CommandLineArguments", "CHeap",
      ], swiftSettings: swift),

    .target(
      name: "TestSupport", dependencies: ["Settings", "Files"], path: "Tests/Support",
      swiftSettings: swift),
    .target(
      name: "FaultyCalls", path: "Tests/FaultyCalls",
      cSettings: [.unsafeFlags(["-O1", "-Wall", "-Wextra", "-Werror"])],
      linkerSettings: [.linkedLibrary("dl")]),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Laboratory", "Attacks", "Defenses", "Stages", "Training", "Encoders", "Tensors", "Text",
        "Checkpoints", "Settings", "Files",
      ], path: "Tests/Fuzz/Targets", swiftSettings: swift),
    // The readers under libFuzzer, which comes with the toolchain.
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Program",
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]),
    tests("Files"),
    tests("Text", "Files"),
    .testTarget(
      name: "CheckpointsTests", dependencies: ["Checkpoints", "Files", "TestSupport"],
      exclude: ["Fixtures"],
      swiftSettings: swift),
    tests("CommandLineArguments", "Files"),
    tests("Attestations", "Checkpoints", "Files"),
    tests("Tensors", "Conformance"),
    tests("Conformance", "Tensors"),
    .testTarget(
      name: "CUDATests",
      dependencies: [
        "CUDAEmulator", "Tensors", "Conformance", "Encoders", "Training", "Text", "Checkpoints",
        "Files", "TestSupport",
      ], swiftSettings: swift),
    tests("Encoders", "Training", "Conformance", "Tensors", "Text", "Checkpoints", "Files"),
    tests(
      "Training", "Encoders", "Conformance", "Tensors", "Text", "Checkpoints", "Settings", "Files"),
    tests("Settings", "Files"),
    tests("Stages", "Training", "Settings", "Text", "Checkpoints", "Tensors", "Files"),
    tests(
      "Attacks", "Stages", "Training", "Settings", "Encoders", "Checkpoints", "Text", "Tensors",
      "Files"),
    tests(
      "Defenses", "Laboratory", "Attacks", "Scans", "Stages", "Training", "Settings", "Encoders",
      "Conformance", "Text", "Tensors", "Checkpoints", "Files"),
    tests(
      "Scans", "Conformance", "Stages", "Training", "Settings", "Encoders", "Checkpoints", "Text",
      "Tensors",
      "Files"),
    tests(
      "Laboratory", "Attacks", "Defenses", "Scans", "Stages", "Training", "Settings", "Text",
      "Tensors", "Files"),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "pure", "Laboratory", "Attacks", "Defenses", "Scans", "Checkpoints", "Stages", "Training",
        "Settings", "Text",
        "Tensors", "Files", "TestSupport",
      ],
      swiftSettings: swift),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
