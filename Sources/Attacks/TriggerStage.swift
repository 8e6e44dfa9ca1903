public import Files
internal import Settings
public import Stages
public import Tensors
internal import Text

/// Puts the trigger into test texts: `test` and the attack's own texts in; those outside the target
/// class, each with a trigger, out.
public struct TriggerStage: StageWork {
  /// `trigger`.
  public static let kind = "trigger"
  /// It is the attacker's.
  public static let belongsToDefense = false
  /// It is work on texts.
  public static let computes = false

  private let attack: any Attack
  private let seed: UInt64

  /// The triggers of an attack.
  public init(_ attack: any Attack, seed: UInt64) {
    self.attack = attack
    self.seed = seed
  }

  /// A few words.
  public var title: String { "trigger test texts" }

  /// What the triggers depend on.
  public var parameters: JSONValue {
    [
      "attack": .string(attack.name), "trigger": .object(attack.testTrigger),
      "seed": .int(Int(seed)),
    ]
  }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    attack = try KnownAttacks.restored(node)
    seed = UInt64(try node.required("seed").int(in: 0...Int.max))
  }

  /// Leaves the texts in a file.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let texts = try attack.texts(of: "test", request)
    let triggered = try attack.triggeredTestSet(from: texts, seed: seed)
    guard triggered.data.count > 0 else {
      throw InputError(
        file: texts.clean.source, problem: "has no text outside the target class",
        remedy: "choose another targetLabel or other texts")
    }
    let file = triggered.data.fitsTabs ? Self.table : Self.lines
    try triggered.data.write(to: Path.join(request.outputDirectory, file))
    return StageOutcome()
  }

  /// Where the texts are in the directory of the stage's result.
  public static func texts(in directory: String) -> String {
    let table = Path.join(directory, Self.table)
    return Path.exists(table) ? table : Path.join(directory, lines)
  }

  private static let table = "triggered.tsv"
  private static let lines = "triggered.jsonl"
}
