public import Training
public import Files

/// What a stage does. The comments name its inputs by role and what has to be in its output.
public enum StageWork: Hashable, Sendable {
  /// The kinds of stages; artifacts are named after them.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case poison, trigger, finetune, scores, pruning, evaluation

    /// Whether its time counts as the cost of the defence.
    public var belongsToDefense: Bool {
      switch self {
      case .finetune, .scores, .pruning: true
      case .poison, .trigger, .evaluation: false
      }
    }
  }

  /// Model, train and perhaps validation in; the directory of a poisoned encoder out.
  case poison(AttackKind, AttackSettings, seed: Int)
  /// Test in; the texts outside the target class, each with a trigger, out.
  case trigger(AttackKind, AttackSettings, seed: Int)
  /// Model, train, validation and, where heads are pruned or the norm is weighed by layer, pruning
  /// or scores in; the directory of an encoder with a classifier out.
  case finetune(PlannedTraining, norm: Norm?, seed: Int)
  /// Classifier and validation in; a variance score a head out.
  case scores(Recipe, maximumLength: Int)
  /// Classifier, scores and validation in; which heads go, and the scores that λ is made from, out.
  case pruning(Pruning)
  /// Classifier, test and triggered in; nothing but the outcome's confusion matrices out.
  case evaluation(targetLabel: Int, maximumLength: Int)

  /// The norm term of equation 3.
  public struct Norm: Hashable, Sendable {
    /// µ.
    public let weight: Double
    /// Whose norm it is: of each text, or of the whole batch.
    public let recipe: Recipe
  }

  /// Step 1 of algorithm 1.
  public struct Pruning: Hashable, Sendable {
    /// Whose order and step of pruning.
    public let recipe: Recipe
    /// c.
    public let accuracyFloor: Double
    /// Heads between two looks at the accuracy.
    public let step: Int
    /// Tokens of a text that are read.
    public let maximumLength: Int
  }

  /// Which kind of work it is.
  public var kind: Kind {
    switch self {
    case .poison: .poison
    case .trigger: .trigger
    case .finetune: .finetune
    case .scores: .scores
    case .pruning: .pruning
    case .evaluation: .evaluation
    }
  }

  /// A few words for progress bars and lists.
  public var title: String {
    switch self {
    case .poison(let kind, _, _): "poison (\(kind.rawValue))"
    case .trigger: "trigger test texts"
    case .finetune(_, let norm, _): norm == nil ? "fine-tune" : "fine-tune with norm"
    case .scores: "score heads"
    case .pruning: "prune heads"
    case .evaluation: "evaluate"
    }
  }

  /// All that tells this work from other work of its kind.
  public var parameters: JSONValue {
    switch self {
    case .poison(let kind, let settings, let seed):
      [
        "attack": .string(kind.rawValue), "trigger": settings.triggerJSON,
        "poisonRate": .double(settings.poisonRate), "training": settings.training.json,
        "seed": .int(seed),
      ]
    case .trigger(let kind, let settings, let seed):
      ["attack": .string(kind.rawValue), "trigger": settings.triggerJSON, "seed": .int(seed)]
    case .finetune(let training, let norm, let seed):
      [
        "training": training.json, "seed": .int(seed),
        "norm": norm.map {
          ["weight": .double($0.weight), "recipe": .string($0.recipe.rawValue)]
        } ?? .null,
      ]
    case .scores(let recipe, let maximumLength):
      ["recipe": .string(recipe.rawValue), "maximumLength": .int(maximumLength)]
    case .pruning(let pruning):
      [
        "recipe": .string(pruning.recipe.rawValue),
        "accuracyFloor": .double(pruning.accuracyFloor), "step": .int(pruning.step),
        "maximumLength": .int(pruning.maximumLength),
      ]
    case .evaluation(let targetLabel, let maximumLength):
      ["targetLabel": .int(targetLabel), "maximumLength": .int(maximumLength)]
    }
  }
}
