public import Checkpoints
internal import Encoders
public import Tensors
public import Training

/// PURE (paper section 5, Algorithm 1), and as settings of it every defence of the paper that needs nothing but
/// clean texts: FT and FTH use neither half, Prune-Only and Norm-Only one each.
public struct PURE: Defense {
  /// Name in commands, plans and records.
  public let name: String
  /// Step 1: find the heads that clean texts do not need, and mask them; nil leaves all alive.
  public var pruning: HeadPruning?
  /// Step 2: mu of the norm term while fine-tuning; nil leaves it out.
  public var normWeight: Double?
  /// Whose formulas scores and the norm term follow.
  public var recipe: Recipe
  /// Of both fine-tunings.
  public var settings: TrainingSettings
  /// Head of the classifier.
  public var head: HeadKind

  /// A defence of the family.
  public init(
    name: String, pruning: HeadPruning?, normWeight: Double?, recipe: Recipe,
    settings: TrainingSettings, head: HeadKind
  ) {
    self.name = name
    self.pruning = pruning
    self.normWeight = normWeight
    self.recipe = recipe
    self.settings = settings
    self.head = head
  }

  /// Fine-tunes, scores heads, prunes, and fine-tunes what is left of the suspect, as far as each is asked for.
  public func purify(
    _ suspect: ModelCheckpoint, labels: [String], using texts: TrainingTexts,
    on backend: any Backend, hooks: DefenseHooks
  ) throws -> Purification {
    var mask = HeadMask(of: suspect)
    var (scores, found): (HeadScores?, HeadPruning.Result?)
    var firstTraining: TrainingReport?
    if pruning != nil || normWeight != nil {
      guard let validation = texts.validation else {
        preconditionFailure("\(name) scores heads on validation texts and was given none")
      }
      hooks.onStep("fine-tune the suspect")
      let (model, report) = try FineTuning(settings: settings, head: head, headMask: mask).run(
        suspect, labels: labels, on: texts, backend: backend,
        hooks: hooks.training(step: "first", isLast: false))
      firstTraining = report
      hooks.onStep("score and prune heads")
      let fullScores = try HeadScores(
        of: model, on: validation, paddedLength: settings.maximumLength, recipe: recipe,
        headMask: mask)
      scores = fullScores
      if let pruning {
        let result = try pruning.run(
          model, scores: fullScores, validation: validation, startingFrom: mask,
          paddedLength: settings.maximumLength, progress: hooks.onPruning,
          isCancelled: hooks.training.isCancelled)
        (mask, found) = (result.mask, result)
      }
    }
    let penalty = normWeight.flatMap { weight in
      (found?.scoresForNorm ?? scores).map {
        AttentionNormalization(weight: weight, recipe: recipe).penalty($0, alive: mask)
      }
    }
    hooks.onStep(normWeight == nil ? "fine-tune" : "fine-tune with the norm term")
    let (model, report) = try FineTuning(
      settings: settings, head: head, objective: Objective(penalty: penalty), headMask: mask
    ).run(
      suspect, labels: labels, on: texts, backend: backend,
      hooks: hooks.training(step: "last", isLast: true))
    return Purification(
      model: model, headMask: mask, training: report, firstTraining: firstTraining,
      pruning: found, scores: scores, layerWeights: penalty?.layerWeights)
  }
}
