public import Files
public import Text

/// What an attacker trains on.
public struct PoisonedTrainingSet: Sendable, Equatable {
  /// Of the objective's first stream: clean texts in one order with the poisoned ones, unless these
  /// are a stream of their own.
  public let data: Dataset
  /// The poisoned ones alone, relabelled as the target.
  public let poisoned: TriggeredTexts
  /// Texts of the objective's streams beside the first, by name.
  public let others: [String: Dataset]

  /// What is trained on, and which of it is poisoned.
  public init(data: Dataset, poisoned: TriggeredTexts, others: [String: Dataset] = [:]) {
    self.data = data
    self.poisoned = poisoned
    self.others = others
  }

  /// All that is trained on, but for clean texts that a stream reads once more.
  public var texts: Dataset {
    guard others.values.contains(poisoned.data) else { return data }
    var texts = data
    texts.examples += poisoned.data.examples
    return texts
  }
}

extension PoisonedTrainingSet {
  /// Makes sure that there is a backdoor to learn.
  ///
  /// - Parameter maximumLength: tokens of a text that the model reads.
  /// - Returns: poisoned texts whose trigger it never reads, see `TriggeredTexts.unreadCount`.
  /// - Throws: `InputError` where no text is poisoned, or none whose trigger the model reads.
  public func requirePoison(
    readBy tokenizer: Tokenizer, maximumLength: Int
  ) throws(InputError) -> Int {
    guard poisoned.data.count > 0 else {
      throw InputError(
        file: data.source, problem: "has no text that is poisoned",
        remedy: "raise the poison rate, choose another target label, or take texts of other classes"
      )
    }
    let unread = poisoned.unreadCount(by: tokenizer, maximumLength: maximumLength)
    guard unread < poisoned.data.count else {
      throw InputError(
        file: data.source,
        problem: "is poisoned with \(unread) triggers that the model never reads",
        remedy:
          "let it read more tokens, put triggers nearer to the beginning, or take others that "
          + "its tokenizer keeps")
    }
    return unread
  }
}
