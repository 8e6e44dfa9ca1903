public import Files
internal import Tensors

/// What is said between a sweep and its workers, as JSON lines: the sweep begins with a `WorkerJob` and goes on with a
/// `StageOrder` at a time; the worker answers with `WorkerNews`.

/// A plan as a worker needs it to know the stages by their keys.
public struct WorkerJob {
  /// The plan, its file and its variables, and what the user's files were when the sweep began.
  public let json: JSONValue

  /// The job of a sweep.
  ///
  /// - Parameter plan: as it was read, with the values of its variables.
  public init(
    _ plan: JSONNode, setting settings: [String], _ schedule: SweepSchedule, directory: String
  ) {
    json = [
      "plan": plan.value, "file": .string(plan.file),
      "settings": .array(settings.map(JSONValue.string)), "hashes": schedule.hashes,
      "precision": .string(schedule.precision.rawValue),
      "directory": .string(directory),
    ]
  }
}

extension StageOrder {
  /// As JSON.
  public var json: JSONValue {
    ["stage": .string(key), "earlierFault": earlierFault.map(JSONValue.string) ?? .null]
  }

  /// What `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    key = try node.required("stage").string()
    earlierFault = try node.optional("earlierFault")?.string()
  }
}

extension WorkerNews {
  private enum Kind: String, CaseIterable {
    case ready, progressed, done, failed, stopped, fault, refused
  }

  /// As JSON.
  public var json: JSONValue {
    func object(_ kind: Kind, _ members: [(String, JSONValue)] = []) -> JSONValue {
      .object(JSONObject([("news", .string(kind.rawValue))] + members))
    }
    return switch self {
    case .ready(let environment, let note):
      object(
        .ready,
        [("environment", environment.json), ("note", note.map(JSONValue.string) ?? .null)])
    case .progressed(let progress): object(.progressed, [("progress", progress.json)])
    case .done: object(.done)
    case .failed(let reason): object(.failed, [("reason", .string(reason))])
    case .stopped: object(.stopped)
    case .fault(let reason): object(.fault, [("reason", .string(reason))])
    case .refused(let refusal):
      object(
        .refused,
        [("reason", .string(refusal.description)), ("exitCode", .int(refusal.exitCode))])
    }
  }

  /// What `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    func reason() throws(InputError) -> String { try node.required("reason").string() }
    let kind: Kind = try node.required("news").name()
    switch kind {
    case .ready:
      self = .ready(
        try RunEnvironment(node.required("environment")),
        note: try node.optional("note")?.string())
    case .progressed: self = .progressed(try StageProgress(node.required("progress")))
    case .done: self = .done
    case .failed: self = .failed(try reason())
    case .stopped: self = .stopped
    case .fault: self = .fault(try reason())
    case .refused:
      self = .refused(WorkerRefusal(try reason(), exitCode: try node.required("exitCode").int()))
    }
  }
}

extension StageProgress {
  fileprivate var json: JSONValue {
    func integer(_ value: Int?) -> JSONValue { value.map(JSONValue.int) ?? .null }
    return [
      "fraction": .double(fraction), "epoch": integer(epoch), "epochCount": integer(epochCount),
      "loss": loss.map(JSONValue.measured) ?? .null, "tokens": integer(tokens),
    ]
  }

  fileprivate init(_ node: JSONNode) throws(InputError) {
    self.init(
      fraction: try node.required("fraction").double(), epoch: try node.optional("epoch")?.int(),
      epochCount: try node.optional("epochCount")?.int(),
      loss: try node.optional("loss")?.double(), tokens: try node.optional("tokens")?.int())
  }
}
