import Files
import Stages
import Tensors
import TestSupport
import Testing
import Text

@testable import Laboratory

/// A plan on the smallest fixture, whose tokens can be counted.
private struct EstimateBench {
  let scratch: Scratch
  let executor = FakeExecutor()
  static let model = Path.join(
    Path.parent(of: Path.parent(of: #filePath)), "Fixtures/models/bert")

  init() throws {
    scratch = try Scratch()
    for (name, rows) in [("train", 12), ("dev", 4), ("test", 6)] {
      let lines = (0..<rows).map { "a film of words\t\($0 % 2)\n" }
      try scratch.write("sentence\tlabel\n" + lines.joined(), to: "\(name).tsv")
    }
  }

  func runner(seeds: String) throws -> SweepRunner {
    let json = planJSON(seeds: seeds).replacing("${ROOT}/${MODEL}", with: Self.model)
    return SweepRunner(try makePlan(json, root: scratch.path), directory: scratch.file("out"))
  }

  /// Says of a seed's records that their stages took another time, or were done at another.
  func rewrite(seed: Int, date: String? = nil, seconds: (Double) -> Double) throws {
    let file = scratch.file("out/records.jsonl")
    let lines = String(decoding: try ByteFile.contents(of: file), as: UTF8.self)
      .split(separator: "\n")
    let rewritten = try lines.map { line -> String in
      guard line.contains("seed-\(seed)") else { return String(line) }
      var record = try #require(JSONValue(parsing: Array(line.utf8)).object)
      if let date { record["date"] = .string(date) }
      record["stages"] = .array(
        try #require(record["stages"]?.array).map { stage in
          var stage = try #require(stage.object)
          stage["seconds"] = .double(seconds(stage["seconds"]?.double ?? 0))
          return .object(stage)
        })
      return String(decoding: JSONValue.object(record).serialized(), as: UTF8.self)
    }
    try AtomicFile.write(Array((rewritten.joined(separator: "\n") + "\n").utf8), to: file)
  }

  func tokens(_ name: String, label: Int? = nil) throws -> Int {
    let data = try Dataset.load(scratch.file("\(name).tsv"))
    let tokenizer = try Tokenizer.load(directory: Self.model)
    return data.examples.filter { label == nil || $0.label == label }
      .reduce(0) { $0 + tokenizer.encode($1.text, maximumLength: 128).count }
  }
}

@Suite struct `What a sweep will cost` {
  @Test func `is its tokens at the rate of a step that is timed, where nothing was done yet`()
    throws
  {
    let bench = try EstimateBench()
    let schedule = try bench.runner(seeds: "[11]").schedule()
    var timed: [String] = []
    let estimate = try SweepEstimate(schedule, on: sampleEnvironment, TextLengths()) { model, _ in
      timed.append(model)
      return 0.5
    }
    #expect(timed == [EstimateBench.model])
    let plain = try #require(schedule.stages.first { $0.work.title == "fine-tune" })
    let cost = try #require(estimate[plain])
    #expect(try cost.effort.trained == 3 * bench.tokens("train"))
    #expect(try cost.effort.read == 3 * bench.tokens("dev"))
    #expect(cost.seconds == 0.5 * (Double(cost.effort.trained) + Double(cost.effort.read) / 3))
    let evaluation = try #require(schedule.stages.first { $0.kind == "evaluation" })
    #expect(
      try estimate[evaluation]?.effort.read == bench.tokens("test") + bench.tokens("test", label: 0)
    )
    let poison = try #require(schedule.stages.first { $0.kind == "poison" })
    // Half of six texts of the other class come once more, with a word of one token or more.
    let (all, half) = (try bench.tokens("train"), try bench.tokens("train", label: 0) / 2)
    let trained = try #require(estimate[poison]?.effort.trained)
    #expect(trained >= 5 * (all + half + 3) && trained <= 5 * (all + half + 3 * 4))
    #expect(estimate.summary.contains("a training step of BERT, timed just now"))
    #expect(
      estimate.tokens == schedule.stages.reduce(0) { $0 + (estimate[$1]?.effort.tokens ?? 0) })
  }

  @Test func `is that of stages alike, once the device has done some`() throws {
    let bench = try EstimateBench()
    let first = try bench.runner(seeds: "[11]")
    _ = try first.run(first.schedule(), by: InlineWorkers(executor: bench.executor))
    try bench.rewrite(seed: 11) { _ in 3 }
    let schedule = try bench.runner(seeds: "[11, 12, 13]").schedule()
    let estimate = try SweepEstimate(schedule, on: sampleEnvironment, TextLengths()) { _, _ in
      Issue.record("a step was timed")
      return 1
    }
    // Two more seeds of what was done take twice its time.
    #expect(abs(estimate.seconds - 2 * 3 * Double(schedule.measured.count)) < 1e-9)
    #expect(estimate.summary.contains("stages of this plan took there"))
    let other = RunEnvironment(
      device: "cuda:0", threads: 2, precision: .fp32, version: "0.1.0", libraries: [])
    var count = 0
    _ = try SweepEstimate(schedule, on: other, workerCount: 2, TextLengths()) { _, _ in
      count += 1
      return 1
    }
    #expect(count == 1)
  }

  @Test func `follows what the machine did last, and not what held it up`() throws {
    let bench = try EstimateBench()
    let first = try bench.runner(seeds: "[11, 12, 13]")
    _ = try first.run(first.schedule(), by: InlineWorkers(executor: bench.executor))
    func estimated() throws -> Double {
      let schedule = try bench.runner(seeds: "[11, 12, 13, 14]").schedule()
      let estimate = try SweepEstimate(schedule, on: sampleEnvironment, TextLengths()) { _, _ in 1 }
      let last = try #require(schedule.stages.last { $0.work.title == "fine-tune" })
      return try #require(estimate[last]).seconds
    }
    for seed in [12, 13] { try bench.rewrite(seed: seed) { _ in 3 } }
    // Eight of these stages came after those of the first seed.
    try bench.rewrite(seed: 11, date: "2000-01-01T00:00:00Z") { _ in 1000 }
    #expect(abs(try estimated() - 3) < 1e-9)
    // One stage waited for an hour.
    var isHeldUp = true
    try bench.rewrite(seed: 13) { _ in
      defer { isHeldUp = false }
      return isHeldUp ? 3600 : 3
    }
    #expect(abs(try estimated() - 3) < 1e-9)
    try bench.rewrite(seed: 13) { _ in 5 }
    try bench.rewrite(seed: 12) { _ in 5 }
    #expect(abs(try estimated() - 5) < 1e-9)
  }

  @Test func `is nothing once all is done`() throws {
    let bench = try EstimateBench()
    let runner = try bench.runner(seeds: "[11]")
    _ = try runner.run(runner.schedule(), by: InlineWorkers(executor: bench.executor))
    let estimate = try SweepEstimate(
      runner.schedule(), on: sampleEnvironment, TextLengths()
    ) { _, _ in 1 }
    #expect(estimate.tokens == 0 && estimate.summary == "Nothing remains to be done.")
  }
}
