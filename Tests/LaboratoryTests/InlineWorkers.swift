import Files
import Stages

@testable import Laboratory

/// Workers that do their stage in this process, when the sweep next asks for news; the last to
/// begin is the first to end. What is said goes through its JSON, as it does between processes.
final class InlineWorkers: StageWorkers {
  let count: Int
  let environment: RunEnvironment
  /// Which stages were begun, by key, in order.
  private(set) var begun: [(worker: Int, order: StageOrder)] = []
  /// The most stages that were under way at once.
  private(set) var mostAtOnce = 0
  private(set) var hasStopped = false
  /// What a worker says instead of doing a stage; nil: it does it.
  var failure: (StageOrder, _ worker: Int) -> WorkerNews? = { _, _ in nil }

  private let server: StageServer
  private var underWay: [(worker: Int, order: StageOrder)] = []
  private var progress: [(Int, WorkerNews)] = []

  init(executor: any StageExecutor, count: Int = 1) {
    self.count = count
    environment = executor.environment
    server = StageServer(executor: executor)
  }

  func begin(_ order: StageOrder, on worker: Int) {
    precondition(!underWay.contains { $0.worker == worker }, "worker \(worker) is busy")
    precondition(!hasStopped, "the sweep has asked to stop")
    begun.append((worker, order))
    underWay.append((worker, order))
    mostAtOnce = max(mostAtOnce, underWay.count)
  }

  func next() -> (worker: Int, news: WorkerNews)? {
    if !progress.isEmpty { return progress.removeFirst() }
    guard let (worker, order) = underWay.popLast() else { return nil }
    var said: [WorkerNews] = [.ready(environment, note: nil)]
    let end =
      failure(order, worker)
      ?? perform(order) { said.append(.progressed($0)) }
    progress = (said + [end]).map { news in
      (worker, (try? WorkerNews(JSONNode(news.json, file: "news"))) ?? .failed("no JSON: \(news)"))
    }
    return progress.removeFirst()
  }

  /// The order is all that a worker knows.
  private func perform(
    _ order: StageOrder, report: @escaping (StageProgress) -> Void
  ) -> WorkerNews {
    do {
      let line = order.json.serialized()
      let read = try StageOrder(JSONNode(JSONValue(parsing: line, file: "order"), file: "order"))
      return server.perform(read, report: report, isCancelled: { [self] in hasStopped })
    } catch {
      return .failed("no order: \(error)")
    }
  }

  func stop() { hasStopped = true }
}
