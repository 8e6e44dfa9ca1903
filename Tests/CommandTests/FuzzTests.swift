import Files
import FoundationEssentials
import TestSupport
import Testing

/// Every reader of what comes from outside, tried with damaged inputs by libFuzzer (`Tests/Fuzz`).
///
/// These runs are short and always the same; `make fuzz` looks for new inputs for hours.
@Suite struct `What comes from outside` {
  /// Another number of inputs.
  private static let count =
    ProcessInfo.processInfo.environment["PURE_FUZZ_CASES"].flatMap { Int($0) } ?? 1000

  /// The program lies beside the bundle of tests that runs this.
  private static let fuzz = Path.join(Path.parent(of: Program.pure), "fuzz")

  private static let readers: [String] = {
    let outcome = try? Program(scratch: Scratch(), path: fuzz).run("--list")
    return outcome?.output.split(separator: "\n").map(String.init) ?? []
  }()

  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func run(_ reader: String, _ words: [String]) throws -> Program.Outcome {
    try Program(scratch: scratch, path: Self.fuzz).run(
      [reader] + words, environment: ["TMPDIR=\(scratch.path)"])
  }

  @Test(arguments: readers) func `is read or refused, however it is damaged`(reader: String) throws
  {
    let findings = Path.join(packageRoot, ".build/fuzz-findings")
    try Path.makeDirectory(findings)
    let outcome = try run(
      reader,
      ["-runs=\(Self.count)", "-seed=1", "-artifact_prefix=\(Path.join(findings, reader))-"])
    #expect(
      outcome.code == 0 && outcome.errors.contains("Done \(Self.count) runs"),
      "try it again with \(Self.fuzz) \(reader) INPUT:\n\(outcome.errors)")
    // Damage is noticed in many ways, not by the first check alone.
    let last = outcome.errors.firstMatch(of: /DONE +ft: (?<count>[0-9]+)/)
    let ways = try #require(last.flatMap { Int($0.count) })
    #expect(ways >= min(8, Self.count / 100), "\(ways) ways")
  }

  @Test func `ends a run and is kept where a reader has a fault`() throws {
    #expect(Self.readers.count >= 12)
    let found = try run("faulty", ["-runs=100000", "-seed=1", "-artifact_prefix=found-"])
    #expect(found.code != 0 && found.errors.contains("is read although it is wrong"))
    let input = try #require(try scratch.names().first { $0.hasPrefix("found-crash-") })
    #expect(try run("faulty", [input]).code != 0)
    try scratch.write("right", to: "right")
    #expect(try run("faulty", ["right"]).code == 0)
    #expect(try run("nobody", []).errors.contains("name one of json, "))
  }
}
