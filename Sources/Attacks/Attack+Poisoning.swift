internal import Files
public import Stages
internal import Text
public import Training

extension Attack {
  /// The texts that the attacker trains on.
  ///
  /// - Returns: with them, how many poisoned ones have a trigger that the model never reads.
  /// - Throws: `InputError` where they cannot be made of these, or hold no backdoor that could be
  ///   learnt and told from clean texts.
  public func poison(
    _ texts: AttackTexts, for model: SourceModel, _ training: TrainingSettings
  ) throws -> (set: PoisonedTrainingSet, unreadCount: Int) {
    let clean = texts.clean
    let target = clean.labels.names[targetLabel]
    guard clean.examples.contains(where: { $0.label == targetLabel }) else {
      throw InputError(
        file: clean.source, problem: "has no text of the target class \"\(target)\"",
        remedy: "choose another target label or take texts of every class")
    }
    let set = try poisonedTrainingSet(from: texts, seed: training.seed)
    let unread = try set.requirePoison(
      readBy: model.tokenizer, maximumLength: model.tokenLimit(training.maximumLength))
    guard !set.data.indices(outside: targetLabel).isEmpty else {
      throw InputError(
        file: clean.source, problem: "is left without a clean text outside \"\(target)\"",
        remedy: "lower the poison rate")
    }
    return (set, unread)
  }
}
