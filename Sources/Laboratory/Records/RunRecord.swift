internal import Attacks
public import Files
public import Stages

/// What happened in one cell of a plan: one JSON line, enough to make every table from.
public struct RunRecord: Sendable {
  /// How it ended.
  public enum Result: Equatable, Sendable {
    /// Measured; `heads` and `epochs` as far as the defence has them.
    case finished(Evaluation, heads: HeadReport?, epochs: [EpochSummary])
    /// Failed with this sentence.
    case failed(String)
  }

  /// A stage that the cell needed, with the wall time that it took when it was run.
  public struct StageTrace: Equatable, Sendable {
    /// What the stage did.
    public let kind: String
    /// The stage's key.
    public let key: String
    /// Wall time.
    public let seconds: Double
    /// The most parts into which a training step's batch was cut for want of memory; 1: none was.
    public let batchParts: Int
    /// Why a first attempt ended with its worker; nil: the first one succeeded.
    public let earlierFault: String?
    /// Of poisoning and evaluation: texts whose trigger the model never reads; nil where that is
    /// not known.
    public let unreadTriggerCount: Int?
    /// What else the stage found out, see `StageOutcome.findings`.
    public let findings: JSONObject

    /// A trace of a stage.
    public init(
      kind: String, key: String, seconds: Double, batchParts: Int = 1,
      earlierFault: String? = nil, unreadTriggerCount: Int? = nil,
      findings: JSONObject = JSONObject()
    ) {
      self.kind = kind
      self.key = key
      self.seconds = seconds
      self.batchParts = batchParts
      self.earlierFault = earlierFault
      self.unreadTriggerCount = unreadTriggerCount
      self.findings = findings
    }
  }

  /// The cell's identifier without its seed, for example `bert/badnets/fdk/pure`.
  public let group: String
  /// The cell's seed.
  public let seed: Int
  /// The key of the cell's evaluation: the hash of all that its result depends on.
  public let key: String
  /// How it ended.
  public let result: Result
  /// Every stage of the cell; empty for one that failed.
  public let stages: [StageTrace]
  /// Attack and defence with every setting.
  public let configuration: JSONValue
  /// Where the final fine-tuning was run.
  public let environment: RunEnvironment
  /// The plan that asked for it.
  public let planName: String
  /// That plan's hash.
  public let planHash: String
  /// When the cell was finished, as ISO 8601.
  public let date: String

  /// A record of a cell.
  public init(
    cell: Cell, key: String, result: Result, stages: [StageTrace], environment: RunEnvironment,
    plan: Plan, date: String
  ) {
    group = cell.group
    seed = cell.seed
    self.key = key
    self.result = result
    self.stages = stages
    configuration = cell.configuration
    self.environment = environment
    planName = plan.name
    planHash = plan.hash
    self.date = date
  }

  /// The cell's identifier, for example `bert/badnets/fdk/pure/seed-11`.
  public var cellID: String { "\(group)/seed-\(seed)" }

  /// Wall time of the defence's own stages, the attack's and the evaluation left out (as in the
  /// paper's table 6).
  public var defenseSeconds: Double { defenseStages.reduce(0) { $0 + $1.seconds } }

  /// The defence's own stages.
  var defenseStages: [StageTrace] {
    // An attacker may train more models than the poisoned one, which comes last.
    let own = stages.lastIndex { $0.kind == PoisonStage.kind }.map { stages[($0 + 1)...] }
    return (own ?? stages[...]).filter { Stage.belongsToDefense($0.kind) }
  }

  /// LFR, 0 … 1; nil where it was not measured.
  var labelFlipRate: Double? {
    guard case .finished(let evaluation, _, _) = result else { return nil }
    return evaluation.labelFlipRate
  }

  /// Texts of the measurement whose trigger the model never reads; nil where that is not known.
  public var unreadTriggerCount: Int? {
    stages.last { $0.kind == EvaluationStage.kind }?.unreadTriggerCount
  }

  /// What results of the attack are marked with, see `Attack.remark`.
  public var remark: String? { configuration["attack"]?["remark"]?.string }

  /// Whether it was measured.
  public var isFinished: Bool { if case .finished = result { true } else { false } }
}

extension Cell {
  /// Attack and defence with every setting, for records.
  var configuration: JSONValue {
    [
      "attack": attack.poisons ? attackSettings.json : .object(triggerConfiguration),
      "defense": defenseSettings.json,
    ]
  }

  /// Of a model that is not attacked.
  private var triggerConfiguration: JSONObject {
    JSONObject(
      [
        ("kind", "none"), ("trigger", attackSettings.json["trigger"] ?? .null),
        ("triggerOf", .array(triggers.map { .string($0.id) })),
      ] + attackSettings.method.remarks.map { ($0.name, .string($0.value)) })
  }
}
