internal import Attacks
internal import Defenses
public import Files
internal import Scans
public import Stages
public import Tensors

/// Does the work of stages. The laboratory decides what has to be done, in which order and where
/// results are kept.
public protocol StageExecutor {
  /// Where and with what the work is done, for the records.
  var environment: RunEnvironment { get }

  /// Does the work of one stage, see `StageWork.perform`.
  func perform(_ request: StageRequest) throws -> StageOutcome
}

/// Does the work on a backend of this process.
public struct BackendExecutor: StageExecutor {
  /// Where and with what the work is done.
  public let environment: RunEnvironment
  private let backend: any Backend

  /// An executor on a backend.
  ///
  /// - Parameter version: the program's.
  public init(_ backend: any Backend, version: String) {
    self.backend = backend
    let library = Host.matrixLibrary
    environment = RunEnvironment(
      device: "\(backend.device) (\((backend as? CUDABackend)?.hardware ?? Host.instructionSet))",
      threads: Host.threadCount, precision: backend.precision, version: version,
      libraries: [library.isBuiltIn ? "built-in matrix products" : library.version])
  }

  /// Does the work.
  public func perform(_ request: StageRequest) throws -> StageOutcome {
    try request.stage.work.perform(request, on: backend)
  }
}

extension Stage {
  /// Every kind of work that there is.
  static let works: [any StageWork.Type] = {
    var works: [any StageWork.Type] = [
      FineTuningStage.self, PoisonStage.self, TriggerStage.self, EvaluationStage.self,
      HeadContrastStage.self, AttentionStage.self, TokenScanStage.self, RecountStage.self,
      SoftTriggerStage.self, HeadDriftStage.self, VectorScanStage.self,
    ]
    for work in KnownAttacks.all.flatMap(\.works) + KnownDefenses.all.flatMap(\.works)
    where !works.contains(where: { $0.kind == work.kind }) {
      works.append(work)
    }
    return works
  }()

  /// Reads what `json` wrote.
  ///
  /// - Throws: `InputError` where it is none of this version's.
  public init(_ node: JSONNode) throws(InputError) {
    try self.init(node) { kind, parameters throws(InputError) in
      try kind.named(among: Self.works, { $0.kind }).init(parameters)
    }
  }

  /// Whether the time of stages of that kind counts as the cost of a defence.
  static func belongsToDefense(_ kind: String) -> Bool {
    works.first { $0.kind == kind }?.belongsToDefense ?? false
  }
}
