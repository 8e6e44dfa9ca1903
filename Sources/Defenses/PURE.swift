public import Settings
public import Stages
public import Training

/// PURE (paper section 5, Algorithm 1), and as settings of it every defence of the paper that needs
/// nothing but clean texts: FT and FTH use neither half, Prune-Only and Norm-Only one each.
public struct PURE: Defense {
  /// Name in commands, plans and records.
  public let name: String
  /// The name that the paper's tables use.
  public let title: String
  /// One sentence.
  public let summary: String
  /// Clean texts alone.
  public var sees: [Knowledge] { [.cleanTexts] }
  /// Step 1: find the heads that clean texts do not need, and mask them.
  public let prunesHeads: Bool
  /// Step 2: the norm term while fine-tuning.
  public let normalizes: Bool
  /// Of both fine-tunings, unless somebody says otherwise.
  public let learningRate: Double
  /// c: the accuracy on validation below which pruning ends.
  public var accuracyFloor = 0.85
  /// Heads that are masked between two looks at the accuracy.
  public var pruningStep = 1
  /// mu of the norm term.
  public var normWeight = 0.15
  /// What lambda of the norm term is made from.
  public var layerWeighting = LayerWeighting.variance
  /// Whose formulas scores, pruning and the norm term follow.
  private var recipe = Recipe.paper

  private init(
    _ name: String, _ title: String, _ summary: String, prunes: Bool = false,
    normalizes: Bool = false, learningRate: Double = 2e-5
  ) {
    self.name = name
    self.title = title
    self.summary = summary
    self.prunesHeads = prunes
    self.normalizes = normalizes
    self.learningRate = learningRate
  }

  /// Plain fine-tuning.
  public static let fineTuning = PURE("ft", "FT", "only fine-tunes")
  /// Plain fine-tuning at a higher rate.
  public static let fineTuningHighRate = PURE(
    "fth", "FTH", "only fine-tunes, at a rate of 5e-5", learningRate: 5e-5)
  /// The first half.
  public static let pruneOnly = PURE(
    "prune-only", "Prune-Only", "prunes heads, without the norm term", prunes: true)
  /// The second half.
  public static let normOnly = PURE(
    "norm-only", "Norm-Only", "fine-tunes with the norm term, without pruning", normalizes: true)
  /// The whole.
  public static let whole = PURE(
    "pure", "PURE",
    "prunes the heads that clean texts do not need and fine-tunes the rest with the norm of the "
      + "[CLS] attention in the loss",
    prunes: true, normalizes: true)

  /// Looking at heads.
  public var works: [any StageWork.Type] { [ScoringStage.self, PruningStage.self] }

  /// Those that the halves in use look at.
  public var declarations: [Setting<PURE>] {
    let pruning: [Setting<PURE>] = [
      .number(
        "accuracyFloor", \.accuracyFloor, in: HeadPruning.accuracyFloors,
        "c: validation accuracy below which pruning ends; -0.03: that far below plain FT's."),
      .integer(
        "pruningStep", \.pruningStep, in: 1...10_000, "Heads between two looks at the accuracy."),
    ]
    let norm: [Setting<PURE>] = [
      .number(
        "normWeight", \.normWeight, in: 0...1_000_000,
        "mu: weight of the norm term; the paper's is 0.05 against syntax and style."),
      .choice(
        "layerWeights", \.layerWeighting,
        "lambda: a layer's part in the norm term, by its heads' variance scores, or 1 for all."),
    ]
    return (prunesHeads ? pruning : []) + (normalizes ? norm : [])
  }

  /// One head at a time in the paper, ten in its code.
  public mutating func follow(_ recipe: Recipe) {
    self.recipe = recipe
    pruningStep = recipe == .paper ? 1 : 10
  }

  /// At this defence's rate.
  public func training(_ recipe: Recipe) -> TrainingSettings {
    var training = TrainingSettings(defending: recipe)
    training.learningRate = learningRate
    return training
  }

  /// Fine-tunes, scores heads, prunes, and fine-tunes what is left of the suspect, as far as each
  /// is asked for.
  public func stages(
    from suspect: Stage.Input, with material: DefenseMaterial, in graph: inout StageGraph
  ) -> DefenseStages {
    let model = suspect.named("model")
    var heads: Stage?
    var found: Stage.Input?
    let norm =
      normalizes
      ? AttentionNormalization(weight: normWeight, recipe: recipe, weighting: layerWeighting) : nil
    if prunesHeads || norm?.needsScores == true {
      let base = graph.add(
        FineTuningStage(material.training), model, material.train, material.validation
      ).output(as: "classifier")
      let scores = graph.add(
        ScoringStage(recipe: recipe, maximumLength: material.training.maximumLength), base,
        material.validation)
      (heads, found) = (scores, scores.output(as: "scores"))
      if prunesHeads {
        let pruning = graph.add(
          PruningStage(
            HeadPruning(accuracyFloor: accuracyFloor, recipe: recipe, step: pruningStep),
            maximumLength: material.training.maximumLength), base, found, material.validation)
        (heads, found) = (pruning, pruning.output(as: "pruning"))
      }
    }
    return DefenseStages(
      classifier: graph.add(
        FineTuningStage(material.training, norm: norm), model, material.train, material.validation,
        found),
      heads: heads)
  }
}
