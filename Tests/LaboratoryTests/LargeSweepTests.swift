import Glibc
import Stages
import TestSupport
import Testing

@testable import Laboratory

/// Work on a plan with so many seeds, and nothing done yet, in seconds of this thread: what else
/// the machine does costs it none.
private func seconds(seeds: Int, _ work: (SweepBench, SweepSchedule) throws -> Void) throws
  -> Double
{
  let bench = try SweepBench(seeds: "\(Array(1...seeds))")
  let schedule = try bench.runner.schedule()
  return try (0..<3).map { _ in
    let start = threadSeconds()
    try work(bench, schedule)
    return threadSeconds() - start
  }.min() ?? 0
}

private func threadSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Four times the cells take four times as long where each costs the same, and sixteen times where
/// each looks at all others.
private func expectProportionalTime(_ work: (SweepBench, SweepSchedule) throws -> Void) throws {
  let (few, many) = (try seconds(seeds: 40, work), try seconds(seeds: 160, work))
  #expect(many < 8 * few, "\(few) s for 240 cells and \(many) s for 960")
}

@Test func `what a plan would do is listed in time that grows as the plan`() throws {
  try expectProportionalTime { _, schedule in
    #expect(schedule.grid().sections[0].rows.count == schedule.stages.count)
  }
}

@Test func `stages are given out in time that grows as the plan`() throws {
  try expectProportionalTime { bench, schedule in
    var sweep = try Sweep(schedule, store: ArtifactStore(of: bench.output), workerCount: 1)
    var endedCount = 0
    while let order = sweep.nextOrder(for: 0) {
      sweep.note(.failed("no \(order.stage.kind)"), of: 0) { _ in }
      endedCount += sweep.takeResults().count
    }
    #expect(endedCount == schedule.cellCount)
  }
}

@Test func `a lone worker gets the stages in the order of the cells`() throws {
  let bench = try SweepBench(seeds: "[11, 12, 13]")
  let workers = bench.workers()
  let stages = try bench.schedule().stages
  _ = try bench.run(by: workers)
  #expect(workers.begun.map(\.order.stage.key) == stages.map(\.key))
}

@Test func `a stage whose cells have all failed is not begun`() throws {
  let bench = try SweepBench(seeds: "[11, 12]")
  let workers = bench.workers()
  bench.executor.fails = { $0.kind == "poison" }
  let outcome = try bench.run(by: workers)
  #expect(outcome.failedCount == 10 && outcome.unfinishedCount == 10)
  // Of each seed the poisoning, and fine-tuning, triggers and evaluation of the clean model.
  #expect(workers.begun.count == 8)
}
