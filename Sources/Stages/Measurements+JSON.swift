public import Files
internal import Tensors
internal import Training

extension Evaluation {
  /// As JSON.
  public var json: JSONValue {
    [
      "clean": .matrix(clean.counts), "triggered": .matrix(triggered.counts),
      "targetLabel": .int(targetLabel),
    ]
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    func counts(_ key: String) throws(InputError) -> [[Int]] {
      // Sums of so many stay far within an integer.
      try node.required(key).matrix { node throws(InputError) in
        try node.int(in: 0...Int(Int32.max))
      }
    }
    let (clean, triggered) = (try counts("clean"), try counts("triggered"))
    let target = try node.required("targetLabel").int()
    guard clean.indices.contains(target), clean.count == triggered.count,
      (clean + triggered).allSatisfy({ $0.count == clean.count })
    else { throw node.error("is no pair of confusion matrices", remedy: "remove the record") }
    self.init(
      clean: ConfusionMatrix(counts: clean), triggered: ConfusionMatrix(counts: triggered),
      targetLabel: target)
  }
}

extension HeadReport {
  /// As JSON.
  public var json: JSONValue {
    [
      "prunedCount": .int(prunedCount), "headCount": .int(headCount), "pruned": .matrix(pruned),
      "scores": .array(scores.map { .array($0.map(JSONValue.measured)) }),
    ]
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
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
  /// As JSON.
  public var json: JSONValue {
    [
      "loss": .measured(loss),
      "validationAccuracy": validationAccuracy.map(JSONValue.measured) ?? .null,
    ]
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    self.init(
      loss: try node.optional("loss")?.double() ?? .nan,
      validationAccuracy: try node.optional("validationAccuracy")?.double())
  }
}

extension RunEnvironment {
  /// As JSON.
  public var json: JSONValue {
    [
      "device": .string(device), "threads": .int(threads), "precision": .string(precision.rawValue),
      "version": .string(version), "libraries": .array(libraries.map(JSONValue.string)),
    ]
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    self.init(
      device: try node.required("device").string(), threads: try node.required("threads").int(),
      precision: try node.required("precision").name(),
      version: try node.required("version").string(),
      libraries: try node.required("libraries").texts())
  }
}

extension JSONValue {
  /// A number, or null where nothing could be measured: JSON has no not-a-number.
  public static func measured(_ value: Double) -> JSONValue {
    value.isFinite ? .double(value) : .null
  }

  /// Rows of integers.
  public static func matrix(_ rows: [[Int]]) -> JSONValue {
    .array(rows.map { .array($0.map(JSONValue.int)) })
  }

  /// Rows of finite numbers.
  public static func matrix(_ rows: [[Double]]) -> JSONValue {
    .array(rows.map { .array($0.map(JSONValue.double)) })
  }
}

extension JSONNode {
  /// Rows of elements.
  public func matrix<Element>(
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
