/// Which text is followed where the paper and its authors' released code differ, in training and in
/// formulas.
public enum Recipe: String, Sendable, CaseIterable {
  /// The paper; where it is silent, the plainest reading.
  case paper
  /// The released code.
  case reference
}
