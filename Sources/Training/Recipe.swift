internal import Tensors

/// Which text is followed where the paper and its authors' released code differ, in training and in formulas.
public enum Recipe: String, Sendable, CaseIterable {
  /// The paper; where it is silent, the plainest reading.
  case paper
  /// The released code.
  case reference

  /// Heads that are masked between two looks at the accuracy.
  public var pruningStep: Int { self == .paper ? 1 : 10 }
}

extension TrainingSettings {
  /// A recipe's constants (paper section 6.2 and appendix B). The paper names Adam and nothing else; the released
  /// code decays the rate and the weights, clips the gradient, and keeps the last epoch.
  public init(_ recipe: Recipe) {
    self.init()
    switch recipe {
    case .paper:
      optimizer = AdamWParameters(weightDecay: 0)
      schedule = .constant
      maximumGradientNorm = .infinity
      selection = .best
    case .reference:
      optimizer = AdamWParameters(weightDecay: 0.01)
      schedule = .linearDecay
      maximumGradientNorm = 1
      selection = .last
    }
  }
}
