public import Files
internal import Stages

extension RunRecord {
  /// The record as one JSON object; rates are written out for readers that do not want to count.
  public var json: JSONValue {
    var object = JSONObject([("cell", .string(cellID)), ("group", .string(group))])
    object["seed"] = .int(seed)
    switch result {
    case .finished(let evaluation, let heads, let epochs):
      object["status"] = "finished"
      object["accuracy"] = evaluation.accuracy.map(JSONValue.double) ?? .null
      object["labelFlipRate"] = evaluation.labelFlipRate.map(JSONValue.double) ?? .null
      object["headsPruned"] = .int(heads?.prunedCount ?? 0)
      object["seconds"] = .measured(defenseSeconds)
      object["confusion"] = evaluation.json
      object["heads"] = heads?.json ?? .null
      object["epochs"] = .array(epochs.map(\.json))
    case .failed(let problem):
      object["status"] = "failed"
      object["error"] = .string(problem)
    }
    object["stages"] = .array(stages.map(\.json))
    object["configuration"] = configuration
    object["environment"] = environment.json
    object["plan"] = .string(planName)
    object["planHash"] = .string(planHash)
    object["key"] = .string(key)
    object["date"] = .string(date)
    return .object(object)
  }

  /// Reads a record back.
  /// - Throws: `InputError` that names the key that is missing or wrong.
  public init(_ node: JSONNode) throws(InputError) {
    group = try node.required("group").string()
    seed = try node.required("seed").int()
    if try node.required("status").string() == "finished" {
      var epochs: [EpochSummary] = []
      for epoch in try node.required("epochs").elements() { epochs.append(try EpochSummary(epoch)) }
      let heads = try node.optional("heads").map { node throws(InputError) in try HeadReport(node) }
      result = .finished(try Evaluation(node.required("confusion")), heads: heads, epochs: epochs)
    } else {
      result = .failed(try node.required("error").string())
    }
    var stages: [StageTrace] = []
    for stage in try node.required("stages").elements() { stages.append(try StageTrace(stage)) }
    self.stages = stages
    configuration = try node.required("configuration").value
    environment = try RunEnvironment(node.required("environment"))
    planName = try node.required("plan").string()
    planHash = try node.required("planHash").string()
    key = try node.required("key").string()
    date = try node.required("date").string()
  }
}

extension RunRecord.StageTrace {
  fileprivate var json: JSONValue {
    [
      "kind": .string(kind), "key": .string(key), "seconds": .measured(seconds),
      "batchParts": .int(batchParts), "earlierFault": earlierFault.map(JSONValue.string) ?? .null,
      "unreadTriggers": unreadTriggerCount.map(JSONValue.int) ?? .null,
      "findings": .object(findings),
    ]
  }

  fileprivate init(_ node: JSONNode) throws(InputError) {
    kind = try node.required("kind").string()
    key = try node.required("key").string()
    seconds = try node.required("seconds").double()
    batchParts = try node.optional("batchParts")?.int() ?? 1
    earlierFault = try node.optional("earlierFault")?.string()
    unreadTriggerCount = try node.optional("unreadTriggers")?.int()
    findings = try node.optional("findings")?.object() ?? JSONObject()
  }
}
