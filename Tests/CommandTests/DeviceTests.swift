import Files
import FoundationEssentials
import Tensors
import TestSupport
import Testing

@testable import pure

/// A machine whose GPU cannot be used, with the exit code and the words that are due.
struct Trouble: CustomTestStringConvertible, Sendable {
  let environment: [String]
  var code = 2
  let says: [String]

  var testDescription: String { environment.joined(separator: " ") }

  private static func staged(_ situation: String, code: Int = 2, says: String...) -> Trouble {
    Trouble(environment: ["PURE_EMULATED=\(situation)"], code: code, says: says)
  }

  static let all = [
    staged("driver of CUDA 10", says: "driver", "of CUDA 10.2", "install a driver of CUDA 11.0"),
    staged(
      "driver of CUDA 11", says: "NVRTC", "12.4 is newer than the driver's CUDA 11.8", "CUDA_HOME",
      "nvidia-cublas-cu11"),
    staged("driver that does not start", says: "nvidia-smi"),
    staged("old device", says: "compute capability 6.1", "7.0"),
    staged("no memory", code: 4, says: "no memory left", "5 of 4096 MiB", "nvidia-smi"),
    staged("products that are wrong", says: "matrix product differs"),
    staged("compiler without its builtins", says: "libnvrtc-builtins", "install it again"),
    staged("compiler that fails", code: 5, says: "does not compile"),
    staged("toolkit newer than the driver", says: "install a newer driver"),
    Trouble(
      environment: ["CUDA_VISIBLE_DEVICES="], says: [#"CUDA_VISIBLE_DEVICES is """#, "unset it"]),
    Trouble(
      environment: ["CUDA_VISIBLE_DEVICES=7"],
      says: [#"CUDA_VISIBLE_DEVICES is "7""#, "name a GPU"]
    ),
  ]
}

@Suite struct `A GPU that cannot be used` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func expectOneSentence(_ outcome: Program.Outcome, says: [String]) {
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    for words in says { #expect(outcome.errors.contains(words), "\(outcome.errors)") }
  }

  @Test(arguments: Trouble.all)
  func `is an error where it was asked for, and the CPU's work where it was not`(trouble: Trouble)
    throws
  {
    let machine = try EmulatedGPU(bench)
    let asked = try machine.evaluate(device: "cuda:0", trouble.environment)
    #expect(asked.code == trouble.code)
    #expect(asked.output.isEmpty)
    #expect(asked.errors.hasPrefix("pure: "))
    expectOneSentence(asked, says: trouble.says)

    let left = try machine.evaluate(device: "auto", trouble.environment)
    #expect(left.code == 0)
    #expect(left.errors.hasPrefix("computing on the CPU, as no GPU can be used: "))
    expectOneSentence(left, says: trouble.says)
    #expect(left.output == (try machine.evaluate(device: "cpu")).output)

    let info = try bench.program.run(
      ["info"], environment: machine.environment + trouble.environment)
    #expect(info.code == 0)
    for words in trouble.says { #expect(info.output.contains(words), "\(info.output)") }
  }

  @Test(.enabled(if: !EmulatedGPU.machineHasToolkit, "this machine has a toolkit"))
  func `lacks one of its libraries, which is named with the places and the remedy`() throws {
    let partial: [(names: [String], says: [String])] = [
      ([EmulatedGPU.driver, EmulatedGPU.products], ["NVRTC", "libnvrtc.so.13", "CUDA_HOME"]),
      (
        [EmulatedGPU.driver, EmulatedGPU.compiler],
        [
          "cuBLASLt", "/usr/local/cuda/lib64/libcublasLt.so.12", "pip install",
          "nvidia-cublas-cu12",
        ]
      ),
    ]
    for (names, says) in partial {
      let bench = try Bench()
      let outcome = try EmulatedGPU(bench, with: names).evaluate(device: "cuda:0")
      #expect(outcome.code == 2)
      expectOneSentence(outcome, says: says + ["was not found"])
    }
  }

  @Test(.enabled(if: !EmulatedGPU.machineHasToolkit, "this machine has a toolkit"))
  func `has a library that is no library, or another one`() throws {
    let machine = try EmulatedGPU(bench, with: [EmulatedGPU.driver, EmulatedGPU.products])
    try bench.write("not a library", to: "libraries/libnvrtc.so.12")
    expectOneSentence(
      try machine.evaluate(device: "cuda:0"),
      says: ["NVRTC", "was found and does not fit", "libnvrtc.so.12"])
    try Path.remove(bench.scratch.file("libraries/libnvrtc.so.12"))
    try FileManager.default.createSymbolicLink(
      atPath: bench.scratch.file("libraries/libnvrtc.so.12"), withDestinationPath: "libdl.so.2")
    try FileManager.default.createSymbolicLink(
      atPath: bench.scratch.file("libraries/libdl.so.2"),
      withDestinationPath: "/lib/x86_64-linux-gnu/libdl.so.2")
    expectOneSentence(
      try machine.evaluate(device: "cuda:0"), says: ["does not fit", "it has no nvrtcVersion"])
  }

  @Test func `is worth a line on the CPU, but not where there neither is a GPU nor a driver`() {
    let device = Device.cuda(ordinal: 0)
    #expect(
      Workbench.noteOnCPU(.absent(device: device, reason: "none: none", tried: ["here"])) == nil)
    for error in [
      DeviceError.unavailable(device: device, reason: "too old", tried: ["here"]),
      .occupied(device: device, reason: "too old"),
      .status(call: "cuInit", code: 1, text: "too old"),
    ] {
      let note = Workbench.noteOnCPU(error)
      #expect(note?.contains("too old") == true)
      #expect(note?.contains("here") == false)
    }
  }
}

@Suite struct `A GPU that can be used` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  @Test func `is what auto takes, and gives the CPU's results`() throws {
    let machine = try EmulatedGPU(bench)
    let expected = try machine.evaluate(device: "cpu")
    for device in ["auto", "cuda", "cuda:0"] {
      let outcome = try machine.evaluate(device: device)
      #expect(outcome.code == 0)
      #expect(outcome.errors.isEmpty)
      #expect(outcome.output == expected.output)
    }
    let info = try bench.program.run(["info", "--json"], environment: machine.environment)
    for words in ["cuda:0 (emulator (8.6))", "cuBLASLt", "libraries/libcuda.so.1"] {
      #expect(info.output.contains(words), "\(info.output)")
    }
    #expect(try machine.evaluate(device: "cuda:1").errors.contains("the driver sees 1 GPU"))
  }

  @Test func `says when its cache is damaged or cannot be written, and works`() throws {
    let machine = try EmulatedGPU(bench)
    #expect(try machine.evaluate(device: "cuda:0").errors.isEmpty)
    let entry = try #require(try Path.names(in: bench.scratch.file("cache")).first)
    try bench.write("not compiled", to: "cache/" + entry)
    let damaged = try machine.evaluate(device: "cuda:0")
    #expect(damaged.code == 0)
    #expect(damaged.errors.contains("\(entry) were damaged and have been compiled again"))
    #expect(try machine.evaluate(device: "cuda:0").errors.isEmpty)

    let closed = "PURE_CACHE=\(bench.scratch.file("test.tsv"))"
    let unwritable = try machine.evaluate(device: "auto", [closed])
    #expect(unwritable.code == 0)
    #expect(unwritable.errors.split(separator: "\n").count == 1)
    for words in ["compiled kernels cannot be kept in", "test.tsv", "PURE_CACHE"] {
      #expect(unwritable.errors.contains(words), "\(unwritable.errors)")
    }
  }

  /// Two files of NVRTC in a folder of their own: no header of a toolkit is near.
  @Test(.enabled(if: nvrtc != nil, "NVRTC is not installed: scripts/set-up-nvrtc"))
  func `has its kernels compiled by an NVRTC without headers`() throws {
    let folder = bench.scratch.file("toolkit/lib64")
    try Path.makeDirectory(folder)
    for file in try #require(nvrtc) {
      try FileManager.default.copyItem(
        atPath: file, toPath: Path.join(folder, Path.name(of: file)))
    }
    let machine = try EmulatedGPU(bench, with: [EmulatedGPU.driver, EmulatedGPU.products])
    let outcome = try machine.evaluate(
      device: "cuda:0", ["CUDA_HOME=\(bench.scratch.file("toolkit"))"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    // Machine code for the GPU, with its header, is larger than all that the emulator would make.
    let cache = bench.scratch.file("cache")
    let entries = try Path.names(in: cache).map { try bench.bytes("cache/" + $0) }
    #expect(entries.allSatisfy { $0.starts(with: Array("PUREMOD".utf8)) })
    #expect(entries.contains { $0.count > 100_000 })
  }
}

/// The compiler and its builtins, of the environment that `scripts/set-up-nvrtc` makes.
private let nvrtc: [String]? = {
  let libraries = Path.join(packageRoot, ".venv-kernels/lib")
  guard let python = try? Path.names(in: libraries).first else { return nil }
  let folder = Path.join(libraries, python + "/site-packages/nvidia/cuda_nvrtc/lib")
  let names = (try? Path.names(in: folder).filter { $0.hasPrefix("libnvrtc") }) ?? []
  return names.isEmpty ? nil : names.filter { !$0.contains(".alt.") }.map { Path.join(folder, $0) }
}()

@Suite struct `A processor that multiplies bf16` {
  @Test(.enabled(if: Host.precisions.contains(.bf16), "this processor has no AVX512_BF16"))
  func `trains with it where that is asked for, and says so`() throws {
    let bench = try Bench()
    func trained(_ precision: String) throws -> [UInt8] {
      let made = try bench.program.run(
        "finetune", "--model", tinyModel, "--train", "train.tsv", "--epochs", "1", "--device",
        "cpu",
        "--precision", precision, "--out", precision)
      #expect(made.code == 0, "\(made.errors)")
      let card = try String(decoding: bench.bytes("\(precision)/README.md"), as: UTF8.self)
      #expect(card.contains("| precision | \(precision) |"), "\(card)")
      return try bench.bytes("\(precision)/model.safetensors")
    }
    let (floats, rounded) = (try trained("fp32"), try trained("bf16"))
    #expect(floats != rounded && floats.count == rounded.count)
    try Path.remove(bench.scratch.file("bf16"))
    #expect(try trained("bf16") == rounded)
  }
}
