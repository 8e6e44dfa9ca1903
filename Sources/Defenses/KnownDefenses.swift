/// The defences that plans and commands can name.
public enum KnownDefenses {
  /// All of them, in the order of lists for people.
  public static let all: [any Defense] = [
    PURE.fineTuning, PURE.fineTuningHighRate, PURE.pruneOnly, PURE.normOnly, PURE.whole,
    MaximumEntropy(), FineMixing(),
  ]
}
