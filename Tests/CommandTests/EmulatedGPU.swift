import Files
import FoundationEssentials
import TestSupport
import Testing

/// The emulator in place of NVIDIA's libraries: what `pure` finds and opens as it would the real ones.
struct EmulatedGPU {
  static let driver = "libcuda.so.1"
  static let compiler = "libnvrtc.so.12"
  static let products = "libcublasLt.so.12"

  private let bench: Bench

  /// A machine with these of the libraries.
  init(_ bench: Bench, with names: [String] = [driver, compiler, products]) throws {
    self.bench = bench
    try Path.makeDirectory(bench.scratch.file("libraries"))
    for name in names {
      try FileManager.default.createSymbolicLink(
        atPath: bench.scratch.file("libraries/" + name), withDestinationPath: Self.library)
    }
  }

  /// The library lies beside the bundle of tests that runs this.
  static let library: String = {
    let bundle =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return Path.join(Path.parent(of: bundle), "libEmulatedLibraries.so")
  }()

  /// The variables of a run on that machine.
  var environment: [String] {
    [
      "LD_LIBRARY_PATH=\(bench.scratch.file("libraries"))",
      "PURE_CACHE=\(bench.scratch.file("cache"))",
    ]
  }

  /// A short piece of work, on the tiny model; of its remarks those that are not about the texts.
  func evaluate(device: String, _ more: [String] = []) throws -> Program.Outcome {
    var outcome = try bench.program.run(
      [
        "evaluate", "--model", tinyModel, "--test", "test.tsv", "--labels", "0,1,2",
        "--target-label", "1", "--json", "--device", device,
      ], environment: environment + more)
    let remarks = outcome.errors.split(separator: "\n").filter { !$0.hasPrefix("test: ") }
    outcome.errors = remarks.map { $0 + "\n" }.joined()
    return outcome
  }

  /// This machine has a toolkit where `pure` looks for one, so that none of it can be missing.
  static let machineHasToolkit =
    [
      "/usr/local/cuda/lib64", "/usr/lib/x86_64-linux-gnu/libnvrtc.so.12",
      "/usr/lib/x86_64-linux-gnu/libnvrtc.so.11.2", "/usr/lib/x86_64-linux-gnu/libnvrtc.so.13",
    ].contains(where: Path.exists)
}
