import Files
import Stages
import Tensors
import TestSupport
import Testing
import Training

@testable import Laboratory

@Test func `a sweep runs every stage once and a second run does nothing`() throws {
  let laboratory = try SweepBench()
  // Poison; trigger; FT of the clean and of the poisoned model; FTH; scores; pruning; the final
  // fine-tunings of Prune-Only, Norm-Only and PURE; an evaluation for each of six cells.
  let expected = 1 + 1 + 2 + 1 + 1 + 1 + 3 + 6
  #expect(try laboratory.runner.schedule().missingCount == expected)
  let outcome = try laboratory.run()
  #expect(laboratory.executor.performed.count == expected)
  #expect(outcome.unfinishedCount == 0 && outcome.failedCount == 0 && !outcome.isCancelled)
  let again = try laboratory.run()
  #expect(laboratory.executor.performed.count == expected)
  #expect(again.records.map(\.cellID) == laboratory.plan.cells.map(\.id))
  #expect(try laboratory.recordFile.records().count == 6)
  #expect(try laboratory.runner.schedule().missingCount == 0)
}

@Test func `a failing stage fails the cells that need it, and the next run tries again`() throws {
  let laboratory = try SweepBench()
  laboratory.executor.fails = { $0.kind == "pruning" }
  let outcome = try laboratory.run()
  #expect(outcome.failedCount == 2 && outcome.unfinishedCount == 2)
  let failures = outcome.records.filter { !$0.isFinished }
  #expect(failures.map(\.group) == ["bert/badnets/fdk/prune-only", "bert/badnets/fdk/pure"])
  #expect(failures.allSatisfy { $0.result == .failed("prune heads: the disk is full") })
  laboratory.executor.fails = { _ in false }
  let before = laboratory.executor.performed.count
  let repaired = try laboratory.run()
  #expect(repaired.failedCount == 0 && repaired.unfinishedCount == 0)
  // The pruning, and fine-tuning and evaluation of Prune-Only and PURE.
  #expect(laboratory.executor.performed.count - before == 5)
}

@Test func `an interrupted stage leaves no artifact and finds its checkpoint again`() throws {
  let laboratory = try SweepBench()
  laboratory.executor.stops = { $0.kind == "poison" }
  let outcome = try laboratory.run()
  #expect(outcome.isCancelled && outcome.unfinishedCount == 5)
  #expect(outcome.records.map(\.group) == ["bert/none/fdk/ft"])
  let store = laboratory.directory.path + "/out/store"
  let leftovers = try Path.names(in: store).filter { $0.contains("poison") }
  #expect(leftovers == [])
  laboratory.executor.stops = { _ in false }
  #expect(try laboratory.run().unfinishedCount == 0)
  #expect(laboratory.executor.hasResumed)
  #expect(try Path.names(in: store).filter { $0.hasPrefix(".") } == [])
}

@Test func `a sweep stops before a stage when it is told to`() throws {
  let laboratory = try SweepBench()
  let outcome = try laboratory.run(isCancelled: { true })
  #expect(outcome.isCancelled && laboratory.executor.performed == [])
}

@Test func `changed data makes new cells, and old records are not taken for them`() throws {
  let laboratory = try SweepBench()
  _ = try laboratory.run()
  try laboratory.directory.write("something else\t0\n", to: "test.tsv")
  let schedule = try laboratory.runner.schedule()
  #expect(schedule.finishedCellCount == 0 && schedule.records.isEmpty)
  // The trigger stage and six evaluations; every model is still good.
  #expect(schedule.missingCount == 7)
}

@Test(arguments: ["train.tsv", "model"])
func `data that change under way fail their cells and leave nothing`(name: String) throws {
  let laboratory = try SweepBench()
  // Not the bench itself, which holds what would hold it: its folder would stay.
  let (directory, store) = (laboratory.directory, laboratory.output + "/store")
  @Sendable func works() throws -> [String] {
    try Path.names(in: store).filter { $0.hasPrefix(".work-") }
  }
  laboratory.executor.fails = { stage in
    if stage.kind == "poison" {
      _ = try? directory.write("other", to: name == "model" ? "model/config.json" : name)
      for work in (try? works()) ?? [] {
        _ = try? directory.write("half", to: "out/store/\(work)/state")
      }
    }
    return false
  }
  let outcome = try laboratory.run()
  let failures = outcome.records.compactMap { record -> String? in
    if case .failed(let reason) = record.result { reason } else { nil }
  }
  #expect(!failures.isEmpty && failures.allSatisfy { $0.contains("\(name): has changed") })
  let artifacts = try Path.names(in: store)
  #expect(!artifacts.contains { $0.hasPrefix("poison") }, "\(artifacts)")
  #expect(try works().allSatisfy { try Path.names(in: "\(store)/\($0)").isEmpty })
}

@Test func `another precision is measured anew, and both results stay`() throws {
  let laboratory = try SweepBench()
  _ = try laboratory.run()
  let count = laboratory.executor.performed.count
  let first = laboratory.executor.environment
  laboratory.executor.environment = RunEnvironment(
    device: "cuda:0", threads: first.threads, precision: .bf16, version: first.version,
    libraries: first.libraries)
  let outcome = try laboratory.run()
  // The triggered texts are the same.
  #expect(laboratory.executor.performed.count == 2 * count - 1)
  #expect(outcome.records.allSatisfy { $0.environment.precision == .bf16 })
  #expect(try laboratory.recordFile.records().map(\.environment.precision).contains(.fp32))
  laboratory.executor.environment = first
  let again = try laboratory.run()
  #expect(laboratory.executor.performed.count == 2 * count - 1)
  #expect(again.records.allSatisfy { $0.environment.precision == .fp32 })
}

@Test func `a record keeps its numbers, its stages and its settings`() throws {
  let laboratory = try SweepBench()
  let outcome = try laboratory.run()
  let record = try #require(outcome.records.last)
  let read = try #require(try laboratory.recordFile.records().last)
  #expect(read.json == record.json)
  #expect(read.cellID == "bert/badnets/fdk/pure/seed-11")
  #expect(read.planHash == laboratory.plan.hash)
  #expect(read.json["accuracy"]?.double == 0.9)
  #expect(read.json["labelFlipRate"]?.double == 0.1)
  #expect(read.json["headsPruned"]?.int == 1)
  #expect(read.json["configuration"]?["defense"]?["normWeight"]?.double == 0.15)
  #expect(read.json["configuration"]?["defense"]?["sees"] == ["cleanTexts"])
  #expect(
    read.json["configuration"]?["attack"]?["sees"] == ["cleanTexts", "cleanModel", "trigger"])
  #expect(
    read.stages.map(\.kind)
      == ["trigger", "poison", "finetune", "scores", "pruning", "finetune", "evaluation"])
}

@Test func `a damaged record is named by its line`() throws {
  let laboratory = try SweepBench()
  _ = try laboratory.run()
  let path = laboratory.recordFile.path
  let lines = String(decoding: try ByteFile.contents(of: path), as: UTF8.self)
  let bytes = Array((lines + #"{"group":"a"}"# + "\n").utf8)
  try AtomicFile.write(bytes, to: path)
  #expect {
    try laboratory.recordFile.records()
  } throws: { error in
    "\(error)".hasSuffix("line 7: seed is missing; remove the line or use another output folder")
  }
}

@Test func `half-written artifacts are removed, but for those whose writer lives`() throws {
  let laboratory = try SweepBench()
  let store = laboratory.output + "/store"
  try Path.makeDirectory(store)
  let place = try Place(store + "/poison-1")
  for name in [".poison-0.partial-1", ".poison-1.partial-1"] {
    try Path.makeDirectory(Path.join(store, name))
  }
  try withExtendedLifetime(place) { _ = try laboratory.run() }
  let names = try Path.names(in: store)
  #expect(names.filter { $0.hasPrefix(".") } == [".poison-1.lease", ".poison-1.partial-1"])
}

@Test func `an artifact of another stage is not taken for this one`() throws {
  let laboratory = try SweepBench()
  _ = try laboratory.run()
  let store = ArtifactStore(of: laboratory.directory.path + "/out")
  let stages = try CellStages(laboratory.plan.cells[0], ContentHasher())
  let file = Path.join(store.directory, stages.final.name) + "/stage.json"
  let text = String(decoding: try ByteFile.contents(of: file), as: UTF8.self)
  let other = String(stages.final.key.prefix(16)) + String(repeating: "0", count: 48)
  try AtomicFile.write(Array(text.replacing(stages.final.key, with: other).utf8), to: file)
  #expect(throws: InputError.self) { try store.entry(for: stages.final) }
}

@Test func `a stage that another sweep has finished meanwhile is taken from it`() throws {
  let laboratory = try SweepBench()
  let other = try SweepBench()
  _ = try other.run()
  let stage = try #require(try CellStages(laboratory.plan.cells[0], ContentHasher()).all.first)
  let store = ArtifactStore(of: laboratory.directory.path + "/out")
  let finished = Path.join(other.directory.path + "/out/store", stage.name) + "/stage.json"
  let bytes = try ByteFile.contents(of: finished)
  let entry = try store.perform(
    stage, with: laboratory.executor,
    report: { _ in
      let rival = Path.join(store.directory, stage.name)
      try? Path.makeDirectory(rival)
      try? AtomicFile.write(bytes, to: Path.join(rival, "stage.json"))
    }, isCancelled: { false })
  #expect(entry.path == Path.join(store.directory, stage.name))
  #expect(try Path.names(in: entry.path) == ["stage.json"])
}

/// What somebody else does with a stage that this process would like to do.
enum Rival: CaseIterable { case keepsOn, endsWithoutResult, finishes }

@Test(arguments: Rival.allCases)
func `a stage that another process works on is waited for`(rival: Rival) throws {
  let bench = try SweepBench()
  let stage = try #require(try CellStages(bench.plan.cells[0], ContentHasher()).all.first)
  let store = ArtifactStore(of: bench.output)
  let work = Path.join(store.directory, ".work-" + stage.key.prefix(16))
  try Path.makeDirectory(work)
  var place: Place? = try Place(Path.join(store.directory, stage.name))
  #expect(place != nil)
  var asked = 0
  func perform() throws -> ArtifactStore.Entry {
    try store.perform(
      stage, with: bench.executor,
      report: { _ in },
      isCancelled: {
        asked += 1
        guard asked == 3 else { return false }
        switch rival {
        case .keepsOn: return true
        case .endsWithoutResult: place = nil
        case .finishes:
          let other = Path.join(store.directory, stage.name)
          let note: JSONValue = [
            "key": .string(stage.key), "seconds": 7, "environment": sampleEnvironment.json,
            "outcome": StageOutcome().json,
          ]
          try? Path.makeDirectory(other)
          try? AtomicFile.write(note.serialized(), to: Path.join(other, "stage.json"))
          place = nil
        }
        return false
      })
  }
  switch rival {
  case .keepsOn:
    #expect(throws: Interruption.self) { try perform() }
    #expect(bench.executor.performed.isEmpty && asked == 3)
  case .endsWithoutResult:
    _ = try perform()
    #expect(bench.executor.performed.count == 1 && asked >= 3)
  case .finishes:
    #expect(try perform().seconds == 7)
    #expect(bench.executor.performed.isEmpty)
    #expect(!Path.exists(work))
  }
}
