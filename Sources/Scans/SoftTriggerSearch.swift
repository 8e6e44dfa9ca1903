public import Settings

/// How soft triggers are looked for: mixtures of tokens that the gradient moves until texts of one
/// class go to another, and that a falling temperature makes single tokens (DBS: Shen et al., ICML
/// 2022; without its benign twin).
public struct SoftTriggerSearch: Configurable, Equatable {
  /// Steps of a search; 0 for none. DBS takes 200.
  public var steps = 0
  /// Tokens of a trigger.
  public var length = 10

  /// None.
  public init() {}

  /// Both.
  public var declarations: [Setting<SoftTriggerSearch>] {
    [
      .integer(
        "softTriggerSteps", \.steps, in: 0...100_000,
        "Steps of a search by gradient for longer triggers, for each pair of classes; 0 for none."),
      .integer(
        "softTriggerLength", \.length, in: 1...64, "Tokens of such a trigger."),
    ]
  }

  /// No recipe decides anything here.
  public mutating func follow(_ recipe: Recipe) {}
}

/// When mixtures of tokens are made sharper, and when that is taken back.
struct TemperatureSchedule: Equatable {
  /// What scores of tokens are divided by before the softmax.
  private(set) var temperature = Self.highest
  /// The loss below which mixtures get sharper.
  private(set) var barrier = 0.1
  /// Whether scores are shaken, to leave a place that led nowhere.
  private(set) var isShaken = false
  private var failureCount = 0

  static let highest = 2.0
  /// Steps between two looks at the loss.
  static let period = 5
  private static let patience = 5

  /// Looks at the loss.
  mutating func review(_ loss: Double) {
    guard loss > barrier else {
      temperature /= 2
      isShaken = false
      return
    }
    isShaken = temperature < Self.highest
    temperature = min(Self.highest, temperature * 2)
    failureCount += 1
    if failureCount == Self.patience {
      barrier *= 2
      failureCount = 0
    }
  }

  /// Single tokens have reached a loss: the next have to be better.
  mutating func ask(forHalfOf loss: Double) { barrier = loss / 2 }
}
