import Files
import Glibc
import TestSupport
import Testing

@Suite struct `A command that was stopped` {
  private static let lines: [[String]] = [
    ["finetune", "--epochs", "9"], ["defend", "--epochs", "5", "--accuracy-floor", "0"],
    ["attack", "--attack", "badnets", "--epochs", "7"],
    ["attack", "--attack", "lwp", "--definition", "original", "--epochs", "4"],
  ]

  @Test(arguments: lines, [SIGINT, SIGTERM, SIGKILL])
  func `ends with the same bits when it is run again`(line: [String], signal: Int32) throws {
    let bench = try Bench()
    let arguments = line + Bench.training + ["--learning-rate", "1e-3", "--out"]
    #expect(try bench.program.run(arguments + ["whole"]).code == 0)

    var stops = 0
    var codes: [Int] = []
    repeat {
      let process = try bench.program.start(arguments + ["stopped"])
      // Each time some epochs later: the state of the first ones is there by then.
      if stops < 3 {
        let isThere = bench.waitForState(of: process)
        try #require(isThere || Path.exists(bench.scratch.file("stopped")))
        usleep(UInt32(stops) * 80_000)
        process.send(signal)
      }
      codes.append(try process.outcome().code)
      stops += 1
      // Killed when all was written, and before it said so.
    } while codes.last != 0 && !Path.exists(bench.scratch.file("stopped")) && stops < 5

    let isEnded = codes.last == 0
    #expect(isEnded || Path.exists(bench.scratch.file("stopped")), "\(codes)")
    let killed = 128 + Int(signal)
    #expect(codes.first == (signal == SIGKILL ? killed : 75))
    // Later runs find the state of earlier ones, and the signal may come before they listen.
    let stopped = isEnded ? codes.dropLast() : codes[...]
    #expect(!stopped.isEmpty && stopped.allSatisfy { $0 == 75 || $0 == killed }, "\(codes)")
    #expect(try bench.bytes("stopped/model.safetensors") == bench.bytes("whole/model.safetensors"))
    if isEnded { #expect(try bench.scratch.names().allSatisfy { !$0.hasPrefix(".") }) }
  }

  private static let stages: [([String], [String])] = [
    (
      ["defend", "--epochs", "5", "--accuracy-floor", "0"],
      ["fine-tune", "score heads", "prune heads", "fine-tune with norm"]
    ),
    (
      ["attack", "--attack", "ripple", "--embedding-surgery", "--epochs", "4"],
      ["find target words", "fine-tune", "embedding surgery", "poison (ripple)"]
    ),
  ]

  @Test(arguments: stages)
  func `in each of its stages has the same bits all the same`(
    command: [String], stages: [String]
  ) throws {
    let bench = try Bench()
    let line = command + Bench.training + ["--learning-rate", "1e-3", "--out"]
    #expect(try bench.program.run(line + ["whole"]).code == 0)
    for (index, stage) in stages.enumerated() {
      let process = try bench.program.start(line + ["killed"])
      let begun = "[\(index + 1)/\(stages.count)] \(stage)"
      while process.isRunning, try !process.errors().contains(begun) { usleep(500) }
      #expect(try process.errors().contains(begun))
      process.send(SIGKILL)
      _ = try process.outcome()
    }
    #expect(try bench.program.run(line + ["killed"]).code == 0)
    #expect(try bench.bytes("killed/model.safetensors") == bench.bytes("whole/model.safetensors"))
    #expect(try bench.scratch.names().allSatisfy { !$0.hasPrefix(".") })
  }

  @Test func `by nobody keeps what it has trained, whatever becomes of its texts`() throws {
    let bench = try Bench()
    let process = try bench.program.start(
      ["finetune"] + Bench.training + ["--epochs", "9", "--out", "new"])
    try #require(bench.waitForState(of: process))
    try bench.write("sentence\tlabel\nother\t1\n", to: "train.tsv")
    let outcome = try process.outcome()
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(Path.exists(bench.scratch.file("new/model.safetensors")))
  }

  @Test func `ends at once at the second signal`() throws {
    let bench = try Bench()
    let process = try bench.program.start(
      ["finetune"] + Bench.training + ["--epochs", "10000", "--out", "new"])
    try #require(bench.waitForState(of: process))
    process.send(SIGINT)
    process.send(SIGTERM)
    // The first one may have been enough already.
    #expect([75, 128 + Int(SIGTERM), 128 + Int(SIGINT)].contains(try process.outcome().code))
    #expect(!Path.exists(bench.scratch.file("new")))
  }

  @Test func `is not run twice at once`() throws {
    let bench = try Bench()
    let line = ["finetune"] + Bench.training + ["--epochs", "10000", "--out", "new"]
    let process = try bench.program.start(line)
    try #require(bench.waitForState(of: process))
    let second = try bench.program.run(line)
    #expect(second.code == 2)
    #expect(second.errors.contains("new: is being written by another run"))
    process.send(SIGINT)
    #expect(try process.outcome().code == 75)
    #expect(bench.hasState())
  }

  @Test func `has its place to itself, whatever another run would write there`() throws {
    let bench = try Bench()
    let line = ["finetune"] + Bench.training + ["--out", "new", "--epochs"]
    let process = try bench.program.start(line + ["10000"])
    try #require(bench.waitForState(of: process))
    for other in [["1"], ["10000", "--seed", "5"]] {
      let second = try bench.program.run(line + other)
      #expect(second.code == 2)
      #expect(second.errors.contains("new: is being written by another run"))
    }
    let attack = try bench.program.run(
      ["attack", "--attack", "badnets", "--out", "./new/"] + Bench.training)
    #expect(attack.code == 2 && attack.errors.contains("is being written by another run"))
    process.send(SIGINT)
    #expect(try process.outcome().code == 75)
    // Nobody is there any more, and the first one's state is no obstacle.
    #expect(try bench.program.run(line + ["1"]).code == 0)
    #expect(bench.hasState())
  }

  @Test func `is finished where it was killed while it tidied up`() throws {
    let bench = try Bench()
    let line = ["finetune"] + Bench.training + ["--epochs", "1", "--out", "new"]
    #expect(try bench.program.run(line).code == 0)
    let again = try bench.program.run(line)
    #expect(again.code == 2)
    #expect(again.errors.contains("not empty"))

    let config = try JSONNode(contentsOf: bench.scratch.file("new/config.json"))
    let run = try config.required("pure").required("run").string()
    try Path.makeDirectory(bench.scratch.file(".new.training-\(run.prefix(16))/last"))
    #expect(try bench.program.run(line).code == 0)
    #expect(try bench.scratch.names().allSatisfy { !$0.hasPrefix(".") })
  }

  @Test func `is another one where a folder holds another text`() throws {
    let bench = try Bench()
    for (index, text) in ["a dull movie", "a good film"].enumerated() {
      for number in 0..<8 {
        try bench.write(text, to: "train/\(["neg", "pos"][index])/\(number).txt")
      }
    }
    func run(_ name: String) throws -> String? {
      let outcome = try bench.program.run(
        "finetune", "--model", tinyModel, "--train", "train", "--epochs", "1", "--out", name)
      #expect(outcome.code == 0, "\(outcome.errors)")
      return try JSONValue(contentsOf: bench.scratch.file(name + "/config.json"))["pure"]?["run"]?
        .string
    }
    let first = try run("first")
    #expect(try first != nil && run("again") == first)
    try bench.write("a dull film", to: "train/neg/3.txt")
    #expect(try run("other") != first)
  }

  @Test func `leaves no partial file of a process that is gone`() throws {
    let bench = try Bench()
    try Path.makeDirectory(bench.scratch.file(".new.partial-4194305/folder"))
    let line = ["finetune"] + Bench.training + ["--epochs", "1", "--out", "new"]
    #expect(try bench.program.run(line).code == 0)
    #expect(try bench.scratch.names().allSatisfy { !$0.hasPrefix(".") })
  }

  @Test(arguments: [SIGINT, SIGKILL])
  func `goes on with a sweep`(signal: Int32) throws {
    let bench = try Bench()
    try writePlan(bench)
    #expect(try bench.program.run("sweep", "plan.json", "--out", "whole").code == 0)
    var codes: [Int] = []
    repeat {
      let process = try bench.program.start(["sweep", "plan.json", "--out", "stopped"])
      if codes.count < 4 {
        usleep(UInt32(60_000 + 60_000 * codes.count))
        process.send(signal)
      }
      codes.append(try process.outcome().code)
    } while codes.last != 0 && codes.count < 6

    #expect(codes.count > 1 && codes.last == 0, "\(codes)")
    let models = try bench.scratch.names("whole").filter { $0.hasSuffix("/model.safetensors") }
    #expect(models.count == 3)
    for model in models {
      #expect(
        try bench.bytes(model) == bench.bytes(model.replacing("whole/", with: "stopped/")),
        "\(model)")
    }
    #expect(try bench.scratch.names("stopped").allSatisfy { !$0.contains("/.") })
    let report = String(decoding: try bench.bytes("stopped/report.html"), as: UTF8.self)
    #expect(!report.contains("=1+1<script>"))
    let table = String(decoding: try bench.bytes("stopped/tables.csv"), as: UTF8.self)
    #expect(table.contains("'=1+1<script>,'@x,"))
  }

  private func writePlan(_ bench: Bench) throws {
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 3}, "defense": {"epochs": 3}},
       "models": [{"id": "bert", "title": "=1+1<script>", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv"}, "defenseData":
         {"train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"}}],
       "attacks": [{"id": "badnets", "title": "@x\\u001b[31m", "kind": "badnets"}],
       "defenses": [{"id": "pure", "kind": "pure"}], "seeds": [11]}
      """, to: "plan.json")
  }
}
