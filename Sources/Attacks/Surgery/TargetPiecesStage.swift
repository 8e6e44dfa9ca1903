public import Files
internal import Settings
public import Stages
public import Tensors
internal import Text
public import Training

/// Finds what embedding surgery goes by: `model` and `train` in, a file of `TargetPieces` out. What
/// can be refused of the attack is refused here, before anything is trained.
public struct TargetPiecesStage: StageWork {
  /// `target-pieces`.
  public static let kind = "target-pieces"
  /// It is the attacker's.
  public static let belongsToDefense = false
  /// It is work on texts.
  public static let computes = false

  private let attack: any SurgicalAttack
  private let training: TrainingSettings

  /// Of an attack's training texts.
  public init(_ attack: any SurgicalAttack, _ training: TrainingSettings) {
    self.attack = attack
    self.training = training
  }

  /// A few words.
  public var title: String { "find target words" }

  /// The attack, every setting and the seed.
  public var parameters: JSONValue {
    var parameters = attack.json
    parameters["training"] = .object(training.identity())
    parameters["seed"] = .int(Int(training.seed))
    return .object(parameters)
  }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    guard let attack = try KnownAttacks.restored(node) as? any SurgicalAttack else {
      throw try node.required("attack").error(
        "has no embedding surgery", remedy: "use the version of the program that wrote it")
    }
    self.attack = attack
    training = try TrainingSettings(node)
  }

  /// Leaves them in a file.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let source = try request.model("model")
    let texts = try attack.texts(of: "train", request, tokenizer: source.tokenizer) {
      $0.limited(for: training)
    }
    _ = try attack.poison(texts, for: source, training)
    let found = try TargetPieces(
      in: texts.clean, target: attack.targetLabel, triggers: attack.triggers, source.tokenizer)
    try AtomicFile.write(
      found.json.serialized(.pretty), to: Self.file(in: request.outputDirectory))
    return StageOutcome(findings: JSONObject([("surgery", found.json)]))
  }

  /// Where they are in the directory of the stage's result.
  static func file(in directory: String) -> String { Path.join(directory, "pieces.json") }
}
