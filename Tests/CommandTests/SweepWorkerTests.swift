import Files
import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// A sweep's worker processes, as they are started, killed and left alone.
@Suite struct `A sweep's processes` {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 30}, "defense": {"epochs": 9}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv"}, "defenseData":
         {"train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"}}],
       "attacks": [{"id": "badnets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}, {"id": "pure", "kind": "pure"}],
       "seeds": [11, 12]}
      """, to: "plan.json")
  }

  private func arguments(_ output: String, _ devices: String) -> [String] {
    ["sweep", "plan.json", "--out", output, "--devices", devices, "--threads", "1"]
  }

  @Test func `leave the results of one, be they two and one of them killed`() throws {
    #expect(try bench.program.run(arguments("one", "cpu")).code == 0)
    #expect(try bench.program.run(arguments("two", "cpu,cpu")).code == 0)
    let process = try bench.program.start(arguments("killed", "cpu,cpu"))
    let victim = try #require(waitForTraining(in: "killed", by: process))
    kill(victim, SIGKILL)
    let outcome = try process.outcome()
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("ended by signal 9"), "\(outcome.errors)")
    #expect(outcome.errors.contains("tried once more in a fresh process"))
    let sharing = ["--workers-per-device", "3"]
    #expect(try bench.program.run(arguments("three", "cpu") + sharing).code == 0)
    for folder in ["two", "three", "killed"] {
      try expectSameResults(folder, as: "one")
      #expect(try bench.scratch.names(folder).allSatisfy { !$0.contains("/.") })
    }
    let marks = try stages("killed").compactMap { $0["earlierFault"]?.string }
    #expect(!marks.isEmpty && marks.allSatisfy { $0.contains("signal 9") })
    #expect(try stages("two").allSatisfy { $0["earlierFault"]?.isNull == true })
  }

  @Test func `fail the cells of a stage that two of them died of, and no others`() throws {
    let process = try bench.program.start(arguments("out", "cpu"))
    let first = try #require(waitForTraining(in: "out", by: process))
    kill(first, SIGKILL)
    var second: pid_t?
    while second == nil, process.isRunning {
      second = children(of: process.number).first { $0 != first }
    }
    kill(try #require(second), SIGKILL)
    let outcome = try process.outcome()
    #expect(outcome.code == 1, "\(outcome.errors)")
    let records = try records("out")
    #expect(records.count == 4)
    for record in records {
      let isFirst = record["seed"]?.int == 11
      #expect(record["status"]?.string == (isFirst ? "failed" : "finished"))
      guard isFirst else { continue }
      let reason = record["error"]?.string ?? ""
      #expect(reason.contains("failed in two processes") && reason.contains("signal 9"))
    }
    let table = String(decoding: try bench.bytes("out/tables.md"), as: UTF8.self)
    #expect(table.contains("failed"))

    #expect(try bench.program.run(arguments("out", "cpu")).code == 0)
    #expect(try bench.program.run(arguments("one", "cpu")).code == 0)
    try expectSameResults("out", as: "one")
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGKILL])
  func `end when their sweep is ended, and another one goes on`(signal: Int32) throws {
    let process = try bench.program.start(arguments("out", "cpu,cpu"))
    _ = try #require(waitForTraining(in: "out", by: process))
    let workers = children(of: process.number)
    #expect(workers.count == 2)
    process.send(signal)
    let outcome = try process.outcome()
    #expect(outcome.code == (signal == SIGKILL ? 128 + Int(SIGKILL) : 75))
    #expect(
      signal == SIGKILL || outcome.errors.contains("interrupted; run the same command again"),
      "\(outcome.errors)")
    // A sweep that was asked to stop waits for its workers; those of a killed one find out by
    // themselves.
    while signal == SIGKILL, workers.contains(where: Program.isRunning) { usleep(1000) }
    #expect(!workers.contains(where: Program.isRunning))
    #expect(try bench.program.run(arguments("out", "cpu,cpu")).code == 0)
    #expect(try bench.program.run(arguments("one", "cpu")).code == 0)
    try expectSameResults("out", as: "one")
    #expect(try bench.scratch.names("out").allSatisfy { !$0.contains("/.") })
  }

  @Test(.enabled(if: hasNamespaces, "unshare is not there or not allowed"))
  func `leave alone what those of a sweep in another container have half written`() throws {
    try bench.replace(#""epochs": 30"#, with: #""epochs": 300"#, in: "plan.json")
    let process = try bench.program.start(arguments("out", "cpu"))
    _ = try #require(waitForTraining(in: "out", by: process))
    var container = bench.program
    container.path = "/usr/bin/unshare"
    let other = try container.start(
      ["--pid", "--fork", "--kill-child", "--mount-proc", Program.pure]
        + arguments("out", "cpu"))
    while other.isRunning, try !other.errors().contains("[1/") { usleep(1000) }
    #expect(try other.errors().contains("[1/"))
    usleep(200_000)
    let half = try bench.scratch.names("out/store").filter { $0.contains("/.poison-") }
    #expect(half.contains { $0.hasSuffix(".lease") } && half.contains { $0.contains(".partial-") })
    other.send(SIGKILL)
    _ = try other.outcome()
    let outcome = try process.outcome()
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(!outcome.errors.contains("failed"))
    #expect(try bench.scratch.names("out").allSatisfy { !$0.contains("/.") })
  }

  /// Whether a process may see itself as the first one.
  private static let hasNamespaces: Bool = {
    guard let scratch = try? Scratch() else { return false }
    let container = Program(scratch: scratch, path: "/usr/bin/unshare")
    return (try? container.run("--pid", "--fork", "--mount-proc", "true").code) == 0
  }()

  @Test func `are not started for what is done already, nor on a device of no such name`() throws {
    #expect(try bench.program.run(arguments("out", "cpu")).code == 0)
    // The device would be refused by a worker alone.
    let again = try bench.program.run(arguments("out", "cuda:99"))
    #expect(again.code == 0 && !again.errors.contains("cuda:99"))
    let wrong = try bench.program.run(arguments("out", "cpu,gpu"))
    #expect(wrong.code == 2 && wrong.errors.contains(#"no device "gpu""#))
  }

  @Test func `that have no device leave the work to those that have one`() throws {
    let outcome = try bench.program.run(arguments("out", "cuda:99,cpu"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("cuda:99 cannot be used"))
    let alone = try bench.program.run(arguments("none", "cuda:99"))
    #expect(alone.code == 2 && alone.errors.contains("pure: cuda:99 cannot be used"))
  }

  /// The first worker, which begins with the poisoning of seed 11, once that has saved its first
  /// state.
  private func waitForTraining(in folder: String, by process: Program.Process) -> pid_t? {
    bench.waitForState(in: folder, of: process) ? children(of: process.number).first : nil
  }

  private func children(of parent: pid_t) -> [pid_t] {
    let path = "/proc/\(parent)/task/\(parent)/children"
    let text = FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self)
    }
    return (text ?? "").split(separator: " ").compactMap { pid_t($0) }
  }

  private func records(_ folder: String) throws -> [JSONValue] {
    try bench.bytes("\(folder)/records.jsonl").split(separator: 0x0A)
      .map { try JSONValue(parsing: Array($0)) }
  }

  private func stages(_ folder: String) throws -> [JSONValue] {
    try records(folder).flatMap { $0["stages"]?.array ?? [] }
  }

  /// The newest records of all cells, but for times, and every model's weights.
  private func expectSameResults(_ folder: String, as other: String) throws {
    func results(_ folder: String) throws -> [String: [JSONValue?]] {
      var results: [String: [JSONValue?]] = [:]
      for record in try records(folder) {
        results[record["cell"]?.string ?? ""] = ["status", "key", "confusion", "heads", "epochs"]
          .map { record[$0] }
      }
      return results
    }
    let expected = try results(other)
    #expect(expected.count == 4)
    #expect(try results(folder) == expected)
    let models = try bench.scratch.names(other).filter { $0.hasSuffix("/model.safetensors") }
    #expect(models.count == 6)
    for model in models {
      let same = model.replacing("\(other)/store", with: "\(folder)/store")
      #expect(try bench.bytes(model) == bench.bytes(same), "\(model)")
    }
  }
}
