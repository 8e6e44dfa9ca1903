import Files
import Glibc
import TestSupport

/// A command of which one run meets a fault, in a folder of its own.
struct FaultedCommand {
  /// A command, and what it leaves.
  struct Line: Sendable, CustomStringConvertible {
    let description: String
    let words: [String]
    /// Whether a name is that of a result: a file, or a folder that appears as a whole.
    let isResult: @Sendable (_ name: String) -> Bool

    /// Whether a result is a list that holds less as long as not all is done.
    func grows(_ name: String) -> Bool {
      name == "out/records.jsonl" || name.hasPrefix("out/tables.")
    }
  }

  let line: Line
  private let bench: Bench
  private let calls: FaultyCalls
  /// Where everything lies that the command reads and writes.
  private static let place = "place"

  init(_ line: Line) throws {
    self.line = line
    bench = try Bench()
    for name in ["train.tsv", "test.tsv"] {
      try bench.scratch.write(bench.bytes(name), to: Path.join(Self.place, name))
    }
    try bench.copyModel(Path.join(Self.place, "model"))
    try bench.write(Self.plan, to: Path.join(Self.place, "plan.json"))
    calls = FaultyCalls(counters: bench.scratch.file("counters"))
  }

  /// One run; a hanging one is killed.
  ///
  /// - Parameter place: the file or folder whose calls are counted and may fail.
  func run(_ fault: Fault? = nil, in place: String = Self.place) throws -> Program.Outcome {
    let process = try bench.program.start(
      line.words, environment: calls.environment(fault, in: bench.scratch.file(place)))
    let deadline = ContinuousClock.now + .seconds(120)
    while process.isRunning {
      if ContinuousClock.now > deadline { process.send(SIGKILL) }
      usleep(1000)
    }
    return try process.outcome()
  }

  /// How often each call came so far.
  func counts() throws -> [String: Int] { try calls.counts() }

  /// What there is of each result, file by file; times apart.
  func results() throws -> [String: [String: String]] {
    var results: [String: [String: String]] = [:]
    for result in try names() where line.isResult(result) {
      let isFile = Path.isFile(bench.scratch.file(Path.join(Self.place, result)))
      var contents: [String: String] = [:]
      for file in try isFile ? [result] : names(result) {
        let path = Path.join(Self.place, file)
        guard !Path.isDirectory(bench.scratch.file(path)) else { continue }
        contents[file] = try Timeless.text(of: bench.bytes(path), named: file)
      }
      results[result] = contents
    }
    return results
  }

  /// The hidden names that are left.
  func leftovers() throws -> [String] { try names().filter(Self.isHidden) }

  private func names(_ folder: String = "") throws -> [String] {
    try bench.scratch.names(Path.join(Self.place, folder)).map {
      String($0.dropFirst(Self.place.count + 1))
    }
  }

  private static func isHidden(_ name: String) -> Bool {
    name.split(separator: "/").contains { $0.hasPrefix(".") }
  }

  private static let plan = """
    {"name": "tiny", "defaults": {"attack": {"epochs": 2}, "defense": {"epochs": 2}},
     "models": [{"id": "bert", "path": "place/model"}],
     "scenarios": [{"id": "s", "attackData": {"train": "place/train.tsv"}, "defenseData":
       {"train": "place/train.tsv", "validation": "place/test.tsv", "test": "place/test.tsv"}}],
     "attacks": [{"id": "badnets", "kind": "badnets"}],
     "defenses": [{"id": "pure", "kind": "pure"}], "seeds": [11]}
    """
}

extension FaultedCommand.Line {
  private static let training = [
    "--model", "place/model", "--train", "place/train.tsv", "--batch-size", "16", "--epochs", "2",
    "--out", "place/new", "--threads", "1",
  ]

  static let all = [
    Self(description: "finetune", words: ["finetune"] + training) { $0 == "new" },
    Self(
      description: "defend",
      words: [
        "defend", "--accuracy-floor", "0", "--report", "place/page.html", "--bom",
        "place/bill.json",
      ] + training
    ) { ["new", "page.html", "bill.json"].contains($0) },
    Self(
      description: "sweep",
      words: ["sweep", "place/plan.json", "--out", "place/out", "--devices", "cpu"]
    ) { name in
      let parts = name.split(separator: "/")
      guard parts.first == "out", let last = parts.last, !last.hasPrefix(".") else { return false }
      return parts.count == 2 && last != "store" || parts.count == 3 && parts[1] == "store"
    },
  ]
}
