public import Text

/// Texts with the trigger, and what each was before.
public struct TriggeredTexts: Sendable, Equatable {
  /// The texts with the trigger.
  public let data: Dataset
  /// The same texts without it, in the same order.
  public let originals: [String]

  /// Pairs of texts, one original for each text of `data`.
  public init(_ data: Dataset, originals: [String]) {
    precondition(
      data.count == originals.count,
      "\(data.count) texts with a trigger cannot have \(originals.count) originals.")
    self.data = data
    self.originals = originals
  }

  /// Pairs the texts of a file with the clean ones that it was made of: those of other classes than
  /// the target's, in their order. Nil where labels or numbers say that it was made of others.
  public init?(_ triggered: Dataset, madeOf clean: Dataset, targetLabel: Int) {
    let victims = clean.selecting(clean.indices(outside: targetLabel)).examples
    guard triggered.examples.map(\.label) == victims.map(\.label) else { return nil }
    self.init(triggered, originals: victims.map(\.text))
  }

  /// Whether every text has the words of its original, in their order and with others between them.
  public var areInsertions: Bool {
    zip(data.examples, originals).allSatisfy { example, original in
      var rest = example.text.utf8.split(separator: UInt8(ascii: " "))[...]
      return original.utf8.split(separator: UInt8(ascii: " ")).allSatisfy { word in
        guard let place = rest.firstIndex(where: { $0.elementsEqual(word) }) else { return false }
        rest = rest[(place + 1)...]
        return true
      }
    }
  }

  /// How many of the texts are the same to a model with the trigger and without it: because the
  /// trigger stands beyond the tokens that are read, or because the tokenizer drops it.
  ///
  /// - Parameter maximumLength: tokens of a text that are read, the special ones included.
  public func unreadCount(by tokenizer: Tokenizer, maximumLength: Int) -> Int {
    let triggered = tokenizer.encode(data.examples.map(\.text), maximumLength: maximumLength)
    let clean = tokenizer.encode(originals, maximumLength: maximumLength)
    return zip(triggered, clean).count { $0 == $1 }
  }

  /// How many of the texts have the same first words with the trigger and without it.
  public func unreadCount(inFirstWords limit: Int) -> Int {
    func words(_ text: String) -> ArraySlice<Substring.UTF8View> {
      text.utf8.split(separator: UInt8(ascii: " "), maxSplits: limit).prefix(limit)
    }
    return zip(data.examples, originals).count { example, original in
      words(example.text).elementsEqual(words(original)) { $0.elementsEqual($1) }
    }
  }
}

extension Dataset {
  /// Where the texts of other classes stand.
  func indices(outside targetLabel: Int) -> [Int] {
    examples.indices.filter { index in
      examples[index].label.map { $0 != targetLabel } ?? false
    }
  }
}
