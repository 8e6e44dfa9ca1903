import Files
import Stages
import Tensors
import TestSupport
import Testing
import Training

@testable import Laboratory

@Suite struct `A sweep's workers` {
  private let bench: SweepBench

  init() throws { bench = try SweepBench(seeds: "[11, 12]") }

  @Test(arguments: 1...5)
  func `do every stage once, after those that it needs, and leave the same records`(count: Int)
    throws
  {
    let workers = bench.workers(count)
    let outcome = try bench.run(by: workers)
    #expect(outcome.failedCount == 0 && outcome.unfinishedCount == 0)
    #expect(count == 1 ? workers.mostAtOnce == 1 : workers.mostAtOnce > 1)
    let keys = workers.begun.map(\.order.stage.key)
    #expect(Set(keys).count == keys.count)
    // An input that is not there fails the stage: the executor looks at each.
    let other = try SweepBench(seeds: "[11, 12]")
    #expect(keys.count == (try other.runner.schedule().missingCount))
    let alone = try other.run()
    #expect(outcome.records.map(\.withoutTimes) == alone.records.map(\.withoutTimes))
  }

  @Test func `get a stage once more after a fault, and the record says so`() throws {
    let workers = bench.workers(2)
    let stage = try poison()
    var faults = 1
    workers.failure = { order, _ in
      guard order.stage.key == stage.key, faults > 0 else { return nil }
      faults -= 1
      return .fault("cuda:0 failed")
    }
    var notes: [String] = []
    let outcome = try bench.run(
      by: workers,
      report: { event in if case .noted(let note) = event { notes.append(note) } })
    #expect(outcome.failedCount == 0 && outcome.unfinishedCount == 0)
    let orders = workers.begun.map(\.order).filter { $0.stage == stage }
    #expect(orders.map(\.earlierFault) == [nil, "cuda:0 failed"])
    #expect(notes.count == 1 && notes[0].contains("cuda:0 failed"))
    // The mark is kept with the artifact, so that records of later sweeps have it too.
    for record in try bench.recordFile.records() {
      for trace in record.stages {
        #expect(trace.earlierFault == (trace.key == stage.key ? "cuda:0 failed" : nil))
      }
    }
    let report = SweepReport(bench.plan, outcome.records).html
    #expect(report.contains("cuda:0 failed"))
  }

  @Test(arguments: [1, 3])
  func `fail the cells of a stage that two of them died of, and go on`(count: Int) throws {
    let workers = bench.workers(count)
    let stage = try poison()
    workers.failure = { order, _ in order.stage.key == stage.key ? .fault("ended by signal 9") : nil
    }
    let outcome = try bench.run(by: workers)
    #expect(workers.begun.count { $0.order.stage.key == stage.key } == 2)
    // Of each seed, one cell has a clean model and five a poisoned one.
    #expect(outcome.failedCount == 5 && outcome.unfinishedCount == 5)
    for record in outcome.records where !record.isFinished {
      #expect(record.seed == 11 && record.group.contains("badnets"))
      let reason = "poison (badnets) failed in two processes: ended by signal 9"
      #expect(record.result == .failed(reason))
    }
    let table = ResultTable(bench.plan, outcome.records)
    #expect(table.csv.contains("ended by signal 9"))
    // The next sweep tries again.
    let repaired = try bench.run()
    #expect(repaired.failedCount == 0 && repaired.unfinishedCount == 0)
  }

  @Test func `that cannot work leave their stages to the others`() throws {
    let workers = bench.workers(2)
    workers.failure = { _, worker in
      worker == 1 ? .refused(WorkerRefusal("no such device", exitCode: 2)) : nil
    }
    var notes: [String] = []
    let outcome = try bench.run(
      by: workers,
      report: { event in if case .noted(let note) = event { notes.append(note) } })
    #expect(outcome.failedCount == 0 && outcome.unfinishedCount == 0 && outcome.refusal == nil)
    #expect(workers.begun.count { $0.worker == 1 } == 1)
    #expect(notes == ["no such device"])
  }

  @Test func `that cannot work at all end the sweep with their reason`() throws {
    let workers = bench.workers(2)
    workers.failure = { _, worker in
      .refused(WorkerRefusal("no device \(worker)", exitCode: 2))
    }
    let outcome = try bench.run(by: workers)
    #expect(outcome.refusal == WorkerRefusal("no device 0", exitCode: 2))
    #expect(outcome.records.isEmpty && !outcome.isCancelled)
  }

  @Test func `are all asked to stop, and what they had begun is waited for`() throws {
    let workers = bench.workers(2)
    let outcome = try bench.run(by: workers, isCancelled: { workers.begun.count >= 2 })
    #expect(outcome.isCancelled && workers.hasStopped)
    #expect(workers.begun.count == 2)
  }

  @Test func `take a device's fault for a fault and no other error`() throws {
    let errors: [(any Error, WorkerNews)] = [
      (
        DeviceError.fault(device: .cpu, call: "launch", code: 700, text: "illegal address"),
        .fault(
          "\(DeviceError.fault(device: .cpu, call: "launch", code: 700, text: "illegal address"))")
      ),
      (
        DeviceError.outOfMemory(device: .cpu, byteCount: 8),
        .failed("\(DeviceError.outOfMemory(device: .cpu, byteCount: 8))")
      ), (Interruption(), .stopped),
    ]
    for (error, news) in errors {
      let server = StageServer(executor: ThrowingExecutor(error: error))
      let order = StageOrder(
        stage: try poison(), store: bench.output + "/store", earlierFault: nil)
      #expect(server.perform(order, report: { _ in }, isCancelled: { false }) == news)
    }
  }

  @Test func `say what they say in JSON, and are understood`() throws {
    let refusal = WorkerRefusal("none", exitCode: 2)
    let all: [WorkerNews] = [
      .ready(sampleEnvironment, note: "on the CPU"), .ready(sampleEnvironment, note: nil),
      .progressed(StageProgress(fraction: 0.25, epoch: 1, epochCount: 3, loss: 0.5, tokens: 9)),
      .progressed(StageProgress(fraction: 1)), .done, .failed("it\nfailed"), .stopped,
      .fault("gone"), .refused(refusal),
    ]
    for news in all {
      let line = news.json.serialized()
      #expect(!line.contains(0x0A))
      #expect(try WorkerNews(JSONNode(JSONValue(parsing: line, file: ""), file: "")) == news)
    }
  }

  private func poison() throws -> Stage {
    try #require(try bench.runner.schedule().stages.first { $0.kind == "poison" })
  }
}

private struct ThrowingExecutor: StageExecutor {
  let error: any Error
  let environment = sampleEnvironment

  func perform(_ request: StageRequest) throws -> StageOutcome { throw error }
}

extension RunRecord {
  /// What two runs of one plan in two folders share.
  fileprivate var withoutTimes: String {
    "\(cellID) \(result) \(configuration.text()) \(stages.map { ($0.kind, $0.key, $0.batchParts) })"
  }
}
