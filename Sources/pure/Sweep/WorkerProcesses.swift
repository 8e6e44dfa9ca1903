import Files
import Laboratory
import Stages
import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// Worker processes, each of a device that several may share, and each started when it gets its first stage, and again when it has
/// failed.
final class WorkerProcesses: StageWorkers {
  private let devices: [String]
  private let arguments: [String]
  private var processes: [WorkerProcess?]
  /// News that came with no process to bring them.
  private var waiting: [(worker: Int, news: WorkerNews)] = []
  private(set) var environment: RunEnvironment

  /// - Parameter threads: of each worker.
  init(devices: [String], threads: Int, precision: Precision) {
    self.devices = devices
    arguments = ["--threads", String(threads), "--precision", precision.rawValue]
    processes = devices.map { _ in nil }
    environment = RunEnvironment(
      device: Array(Set(devices)).sorted().joined(separator: ", "), threads: threads,
      precision: precision,
      version: Pure.version, libraries: [])
  }

  var count: Int { devices.count }

  func begin(_ order: StageOrder, on worker: Int) {
    do {
      if let process = processes[worker], process.hasEnded {
        _ = process.wait()
        processes[worker] = nil
      }
      let process = try processes[worker] ?? start(worker)
      process.send(order.json)
    } catch {
      waiting.append((worker, .refused(WorkerRefusal("\(error)", exitCode: 2))))
    }
  }

  func next() -> (worker: Int, news: WorkerNews)? {
    if !waiting.isEmpty { return waiting.removeFirst() }
    if let news = arrived() { return news }
    let running = processes.indices.filter { processes[$0] != nil }
    var entries = running.map {
      pollfd(fd: processes[$0]?.output ?? -1, events: Int16(POLLIN), revents: 0)
    }
    // A signal ends the wait; one that came just before it is noticed after it.
    guard unsafe poll(&entries, nfds_t(entries.count), 100) > 0 else { return nil }
    for (worker, entry) in zip(running, entries) where entry.revents != 0 {
      processes[worker]?.read()
    }
    return arrived()
  }

  func stop() { for process in processes { process?.closeInput() } }

  /// Lets all workers end and waits until they have.
  func end() {
    stop()
    for process in processes { _ = process?.wait() }
    processes = devices.map { _ in nil }
  }

  private func start(_ worker: Int) throws(InputError) -> WorkerProcess {
    let process = try WorkerProcess(
      ["worker", "--device", devices[worker]] + arguments)
    processes[worker] = process
    return process
  }

  /// The first news that was read, or the end of a process that left without any.
  private func arrived() -> (worker: Int, news: WorkerNews)? {
    for (worker, process) in processes.enumerated() {
      guard let process else { continue }
      let news = process.news()
      if case .ready(let environment, _)? = news { self.environment = environment }
      if process.hasEnded, news == nil || news?.endsWorker == true {
        processes[worker] = nil
        let end = process.wait()
        return (worker, news ?? .fault(end))
      }
      if let news { return (worker, news) }
    }
    return nil
  }
}

extension WorkerNews {
  fileprivate var endsWorker: Bool {
    switch self {
    case .fault, .refused: true
    case .ready, .progressed, .done, .failed, .stopped: false
    }
  }
}
