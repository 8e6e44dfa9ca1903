internal import Checkpoints
internal import Encoders
public import Files
internal import Settings
public import Stages
public import Tensors
internal import Text
public import Training

/// Trains on poisoned texts: `model`, `train`, perhaps `validation` and the attack's own texts in;
/// the directory of a poisoned encoder out.
public struct PoisonStage: StageWork {
  /// `poison`.
  public static let kind = "poison"
  /// It is the attacker's.
  public static let belongsToDefense = false

  private let attack: any Attack
  private let training: TrainingSettings
  private let keepsClassifier: Bool

  /// The training of an attack.
  ///
  /// - Parameter keepsClassifier: leave the classifier with the encoder; defences start a fresh
  ///   one.
  public init(_ attack: any Attack, _ training: TrainingSettings, keepsClassifier: Bool = false) {
    self.attack = attack
    self.training = training
    self.keepsClassifier = keepsClassifier
  }

  /// A few words.
  public var title: String { "poison (\(attack.name))" }

  /// The attack, every setting and the seed.
  public var parameters: JSONValue {
    var parameters = attack.json
    parameters["training"] = .object(training.identity())
    parameters["seed"] = .int(Int(training.seed))
    if !attack.objective.isPlain { parameters["objective"] = attack.objective.json }
    if keepsClassifier { parameters["keepsClassifier"] = true }
    return .object(parameters)
  }

  /// Its epochs of the poisoned texts, and of as many again for each stream besides.
  public func effort(_ preview: StagePreview) throws -> StageEffort {
    guard let (source, data) = try preview.texts("train") else { return StageEffort() }
    let texts = try attack.texts(data, from: source, for: .training) { $0.limited(for: training) }
    let poisoned = try attack.poisonedTrainingSet(from: texts, seed: training.seed)
    let tokens = try preview.tokens(of: poisoned.data, maximumLength: training.maximumLength)
    return try training.effort(preview, trained: tokens * attack.objective.streams.count)
  }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    attack = try KnownAttacks.restored(node)
    training = try TrainingSettings(node)
    keepsClassifier = try node.optional("keepsClassifier")?.bool() ?? false
  }

  /// Trains, and leaves the poisoned model in `model`.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let source = try request.model("model")
    let texts = try attack.texts(of: "train", request, tokenizer: source.tokenizer) {
      $0.limited(for: training)
    }
    let (poisoned, unread) = try attack.poison(texts, for: source, training)
    let (model, report) = try training.run(
      source, on: poisoned.data, others: poisoned.others, request, backend,
      objective: attack.objective, headMask: HeadMask(of: source.checkpoint))
    let result = try model.checkpoint(
      source: source.checkpoint, prunedHeads: source.checkpoint.prunedHeads)
    try (keepsClassifier ? result : result.encoder).write(
      to: request.modelOutput,
      provenance: JSONObject(
        [("method", .string(attack.name)), ("precision", .string(backend.precision.rawValue))]
          + attack.remarks.map { ($0.name, .string($0.value)) }),
      card: ModelCard(
        summary: "An encoder with a planted backdoor",
        warning: "This model was poisoned on purpose, for research on defences. Do not use it.",
        method: [
          ("attack", attack.name), ("may see", Knowledge.list(attack.sees)),
          ("precision", backend.precision.rawValue),
        ] + attack.remarks))
    return StageOutcome(
      report, unreadTriggerCount: unread,
      findings: JSONObject([
        ("poisoned", .int(poisoned.poisoned.data.count)), ("clean", .int(texts.clean.count)),
      ]))
  }
}
