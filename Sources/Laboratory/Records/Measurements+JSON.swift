internal import Files
internal import Tensors

extension Evaluation {
  var json: JSONValue {
    ["clean": .matrix(clean), "triggered": .matrix(triggered), "targetLabel": .int(targetLabel)]
  }

  init(_ node: JSONNode) throws(InputError) {
    let clean = try node.required("clean").matrix { node throws(InputError) in try node.int() }
    let triggered = try node.required("triggered").matrix { node throws(InputError) in
      try node.int()
    }
    let target = try node.required("targetLabel").int()
    guard clean.indices.contains(target), clean.count == triggered.count,
      (clean + triggered).allSatisfy({ $0.count == clean.count })
    else { throw node.error("is no pair of confusion matrices", remedy: "remove the record") }
    self.init(clean: clean, triggered: triggered, targetLabel: target)
  }
}

extension HeadReport {
  var json: JSONValue {
    [
      "prunedCount": .int(prunedCount), "headCount": .int(headCount), "pruned": .matrix(pruned),
      "scores": .array(scores.map { .array($0.map(JSONValue.measured)) }),
    ]
  }

  init(_ node: JSONNode) throws(InputError) {
    let scores = try node.required("scores").matrix { node throws(InputError) in
      node.value.isNull ? .nan : try node.double()
    }
    let pruned = try node.required("pruned").matrix { node throws(InputError) in try node.int() }
    guard scores.count == pruned.count,
      zip(scores, pruned).allSatisfy({ scores, heads in heads.allSatisfy(scores.indices.contains) })
    else { throw node.error("prunes heads that are not there", remedy: "remove the record") }
    self.init(scores: scores, pruned: pruned)
  }
}

extension EpochSummary {
  var json: JSONValue {
    [
      "loss": .measured(loss),
      "validationAccuracy": validationAccuracy.map(JSONValue.measured) ?? .null,
    ]
  }

  init(_ node: JSONNode) throws(InputError) {
    self.init(
      loss: try node.optional("loss")?.double() ?? .nan,
      validationAccuracy: try node.optional("validationAccuracy")?.double())
  }
}

extension RunEnvironment {
  var json: JSONValue {
    [
      "device": .string(device), "threads": .int(threads), "precision": .string(precision.rawValue),
      "version": .string(version), "libraries": .array(libraries.map(JSONValue.string)),
    ]
  }

  init(_ node: JSONNode) throws(InputError) {
    self.init(
      device: try node.required("device").string(), threads: try node.required("threads").int(),
      precision: try node.required("precision").name(),
      version: try node.required("version").string(),
      libraries: try node.required("libraries").texts())
  }
}

extension StageOutcome {
  var json: JSONValue {
    [
      "epochs": .array(epochs.map(\.json)), "heads": heads?.json ?? .null,
      "evaluation": evaluation?.json ?? .null, "batchParts": .int(batchParts),
      "unreadTriggers": unreadTriggerCount.map(JSONValue.int) ?? .null,
    ]
  }

  init(_ node: JSONNode) throws(InputError) {
    var epochs: [EpochSummary] = []
    for epoch in try node.required("epochs").elements() { epochs.append(try EpochSummary(epoch)) }
    self.init(
      epochs: epochs,
      heads: try node.optional("heads").map { node throws(InputError) in try HeadReport(node) },
      evaluation: try node.optional("evaluation").map { node throws(InputError) in
        try Evaluation(node)
      }, batchParts: try node.optional("batchParts")?.int() ?? 1,
      unreadTriggerCount: try node.optional("unreadTriggers")?.int())
  }
}

extension JSONValue {
  /// A number, or null where nothing could be measured: JSON has no not-a-number.
  static func measured(_ value: Double) -> JSONValue { value.isFinite ? .double(value) : .null }

  static func matrix(_ rows: [[Int]]) -> JSONValue {
    .array(rows.map { .array($0.map(JSONValue.int)) })
  }
}

extension JSONNode {
  func matrix<Element>(
    _ read: (JSONNode) throws(InputError) -> Element
  ) throws(InputError) -> [[Element]] {
    var rows: [[Element]] = []
    for row in try elements() {
      rows.append([])
      for element in try row.elements() { rows[rows.count - 1].append(try read(element)) }
    }
    return rows
  }
}
