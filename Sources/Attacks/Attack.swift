public import Text

/// A way to plant a backdoor in a model through the texts that it is trained on.
public protocol Attack: Sendable {
  /// Name in commands, plans and records.
  var name: String { get }
  /// The label that the trigger leads to.
  var targetLabel: Int { get }

  /// The texts that the attacker trains on: the clean ones and the poisoned ones, in one order.
  func poisonedTrainingSet(from clean: Dataset, seed: UInt64) -> Dataset

  /// Every text of another class than the target's, with the trigger and its true label: what the label flip rate
  /// is measured on.
  func triggeredTestSet(from clean: Dataset, seed: UInt64) -> Dataset
}
