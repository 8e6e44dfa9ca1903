import CommandLineArguments
import Files
import Laboratory
import Stages
import Tensors

/// `pure worker`: the process that a sweep starts for each device (`WorkerProcesses`). It reads one
/// order at a time, a JSON line with the stage to do, from standard input, and answers on standard
/// output.
enum WorkerCommand {
  static let declaration = Command(
    "worker", summary: "Do stages that a sweep asks for; started by pure sweep, not by people.",
    options: Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let link = SweepLink()
    let backend: any Backend
    var note: String?
    do {
      backend = try bench.backend { note = $0 }
    } catch {
      let code = ExitCode(error)
      link.send(.refused(WorkerRefusal("\(error)", exitCode: Int(code.rawValue))))
      return code
    }
    let executor = BackendExecutor(backend, version: Pure.version)
    let server = StageServer(executor: executor)
    link.send(.ready(executor.environment, note: note))
    while let line = link.nextLine() {
      let news: WorkerNews
      do {
        let order = try StageOrder(JSONNode(line: line, from: "the sweep"))
        news = server.perform(
          order, report: { link.send(.progressed($0)) }, isCancelled: { link.isClosed })
      } catch {
        news = .failed("\(error)")
      }
      link.send(news)
      // Its device is lost to this process, so the next order goes to a fresh one.
      if case .fault = news { return .deviceFault }
    }
    return .success
  }
}
