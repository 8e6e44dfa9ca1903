public import Files
public import Training

/// What a stage has to say besides the files that it leaves.
public struct StageOutcome: Sendable, Equatable {
  /// One summary an epoch, for stages that train.
  public var epochs: [EpochSummary]
  /// Variance scores, and which heads are gone, for stages that look at heads.
  public var heads: HeadReport?
  /// For stages that measure.
  public var evaluation: Evaluation?
  /// The most parts into which a training step's batch was cut, because the device had no room for
  /// it; 1: none was.
  public var batchParts: Int
  /// Texts whose trigger the model never reads, for stages that poison or measure; nil where that
  /// is not known.
  public var unreadTriggerCount: Int?
  /// All that is known of a training.
  public var training: TrainingReport?
  /// More that a method has found out, by names of its own; for model cards and reports.
  public var findings: JSONObject

  /// What a stage found out; a stage that only leaves files gives none of them.
  public init(
    epochs: [EpochSummary] = [], heads: HeadReport? = nil, evaluation: Evaluation? = nil,
    batchParts: Int = 1, unreadTriggerCount: Int? = nil, findings: JSONObject = JSONObject()
  ) {
    self.epochs = epochs
    self.heads = heads
    self.evaluation = evaluation
    self.batchParts = batchParts
    self.unreadTriggerCount = unreadTriggerCount
    self.findings = findings
  }

  /// What a training came to.
  public init(
    _ report: TrainingReport, unreadTriggerCount: Int? = nil, findings: JSONObject = JSONObject()
  ) {
    self.init(
      epochs: report.epochs.map {
        EpochSummary(loss: $0.loss, validationAccuracy: $0.validationAccuracy)
      }, batchParts: report.cut?.partCount ?? 1, unreadTriggerCount: unreadTriggerCount,
      findings: findings)
    training = report
  }
}

extension StageOutcome {
  /// As JSON.
  public var json: JSONValue {
    [
      "epochs": .array(epochs.map(\.json)), "heads": heads?.json ?? .null,
      "evaluation": evaluation?.json ?? .null, "batchParts": .int(batchParts),
      "unreadTriggers": unreadTriggerCount.map(JSONValue.int) ?? .null,
      "training": training?.json ?? .null, "findings": .object(findings),
    ]
  }

  /// Reads what `json` wrote; earlier versions kept less.
  public init(_ node: JSONNode) throws(InputError) {
    var epochs: [EpochSummary] = []
    for epoch in try node.required("epochs").elements() { epochs.append(try EpochSummary(epoch)) }
    self.init(
      epochs: epochs,
      heads: try node.optional("heads").map { node throws(InputError) in try HeadReport(node) },
      evaluation: try node.optional("evaluation").map { node throws(InputError) in
        try Evaluation(node)
      }, batchParts: try node.optional("batchParts")?.int() ?? 1,
      unreadTriggerCount: try node.optional("unreadTriggers")?.int(),
      findings: try node.optional("findings")?.object() ?? JSONObject())
    training = try node.optional("training").map { node throws(InputError) in
      try TrainingReport(node)
    }
  }
}
