public import Files
internal import Stages
internal import Tensors

/// What is said between a sweep and its workers, as JSON lines: the sweep sends a `StageOrder` at a
/// time, and the worker answers with `WorkerNews`.

extension StageOrder {
  /// As JSON.
  public var json: JSONValue {
    [
      "stage": stage.json, "store": .string(store),
      "earlierFault": earlierFault.map(JSONValue.string) ?? .null,
    ]
  }

  /// What `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    stage = try Stage(node.required("stage"))
    store = try node.required("store").string()
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
