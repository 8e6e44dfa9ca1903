import CommandLineArguments
import Files
import Laboratory
import Tensors

/// `pure worker`: the process that a sweep starts for each device (`WorkerProcesses`). It reads the job and then one
/// order at a time from standard input, and answers on standard output.
enum WorkerCommand {
  static let declaration = Command(
    "worker", summary: "Do stages that a sweep asks for; started by pure sweep, not by people.",
    options: Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let link = SweepLink()
    guard let job = try link.next() else { return .success }
    let backend: any Backend
    var note: String?
    do {
      backend = try bench.backend { note = $0 }
    } catch {
      let code = ExitCode(error)
      link.send(.refused(WorkerRefusal("\(error)", exitCode: Int(code.rawValue))))
      return code
    }
    let executor = LocalExecutor(backend: backend)
    let server = try StageServer(job, executor: executor)
    link.send(.ready(executor.environment, note: note))
    while let order = try link.next() {
      let news = server.perform(
        try StageOrder(order), report: { link.send(.progressed($0)) },
        isCancelled: { link.isClosed })
      link.send(news)
      // Its device is lost to this process, so the next order goes to a fresh one.
      if case .fault = news { return .deviceFault }
    }
    return .success
  }
}
