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
    name: name + "Tests", dependencies: [.byName(name: name)] + dependencies, swiftSettings: swift)
}

let package = Package(
  name: "pure",
  products: [.executable(name: "pure", targets: ["pure"])],
  targets: [
    // Engine: numbers on a device.
    .target(
      name: "CKernels", path: "CKernels", exclude: ["README.md"],
      cSettings: [
        // The C halves carry every hot loop, so they are optimised in debug builds too.
        .unsafeFlags(["-O3", "-fno-math-errno", "-Wall", "-Wextra", "-Werror"])
      ],
      linkerSettings: [.linkedLibrary("dl"), .linkedLibrary("pthread"), .linkedLibrary("m")]),
    library("Tensors", "CKernels"),
    .target(
      name: "Conformance", dependencies: ["Tensors"],
      // The references are one side of every comparison, and slow: optimised in debug builds too.
      swiftSettings: swift + [.unsafeFlags(["-O"])]),

    // Input: bytes into values, no numbers.
    library("Files"),
    library("Text", "Files"),
    library("Checkpoints", "Files"),
    library("CommandLineArguments", "Files"),

    // Research: models, attacks, defences, experiments.
    library("Encoders", "Tensors", "Checkpoints", "Files"),
    library("Training", "Encoders", "Tensors", "Text", "Checkpoints", "Files"),
    library("Attacks", "Text"),
    library("Defenses", "Training", "Encoders", "Tensors", "Checkpoints"),
    library("Laboratory", "Training", "Tensors", "Checkpoints", "CommandLineArguments", "Files"),

    // The command.
    .executableTarget(
      name: "pure",
      dependencies: [
        "Laboratory", "Attacks", "Defenses", "Training", "Encoders", "Checkpoints", "Text",
        "Conformance", "Tensors", "Files", "CommandLineArguments",
      ], swiftSettings: swift),

    tests("Files"),
    tests("Text", "Files"),
    .testTarget(
      name: "CheckpointsTests", dependencies: ["Checkpoints", "Files"], exclude: ["Fixtures"],
      swiftSettings: swift),
    tests("CommandLineArguments", "Files"),
    tests("Tensors", "Conformance"),
    tests("Conformance", "Tensors"),
    tests("Encoders", "Training", "Conformance", "Tensors", "Checkpoints", "Files"),
    tests("Training", "Encoders", "Conformance", "Tensors", "Text", "Checkpoints", "Files"),
    tests("Attacks", "Text"),
    tests(
      "Defenses", "Attacks", "Training", "Encoders", "Conformance", "Text", "Tensors",
      "Checkpoints", "Files"),
    tests("Laboratory", "Training", "Files"),
    .testTarget(name: "CommandTests", dependencies: ["pure", "Files"], swiftSettings: swift),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
