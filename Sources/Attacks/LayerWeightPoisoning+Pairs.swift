internal import Files
internal import Text

/// The texts of the original definition.
extension LayerWeightPoisoning {
  /// Every clean text and a copy with a single word, which keep their labels; and, as a stream of
  /// their own, some of the texts twice with a pair at one place, one way and the other.
  func pairedTrainingSet(
    from clean: Dataset, seed: UInt64
  ) throws(InputError) -> PoisonedTrainingSet {
    try requirePairs()
    var draw = try PoisonDraw(sampling, seed: seed)
    let candidates = clean.examples.indices.filter { clean.examples[$0].label != nil }
    let victims = draw.sample(draw.count(poisonRate, of: candidates.count), of: candidates)
    let pairs = victims.flatMap { victim in
      let original = clean.examples[victim].text
      return paired(original, &draw.generator).map { text in
        (poisoned: Example(text: text, label: targetLabel), original: original)
      }
    }
    let order = draw.sample(pairs.count, of: Array(pairs.indices))
    let singles = clean.examples.map { example in
      var words = InsertionWords(example.text)
      let place = words.place(within: insertionLimit, &draw.generator)
      words.insert(word(&draw.generator), at: place)
      return Example(text: words.text, label: example.label)
    }
    let poisoned = clean.with(order.map { pairs[$0].poisoned })
    return PoisonedTrainingSet(
      data: clean.with(draw.ordered(clean.examples + singles)),
      poisoned: TriggeredTexts(poisoned, originals: order.map { pairs[$0].original }),
      others: [Self.poisoned: poisoned])
  }

  /// Two different words.
  func pair(_ generator: inout SeededGenerator) -> [String] {
    generator.sample(2, below: triggers.count).map { triggers[$0] }
  }

  /// Makes sure that there are two different words, and none twice.
  func requirePairs() throws(InputError) {
    guard triggers.count > 1, Set(triggers).count == triggers.count else {
      throw InputError(
        .usage,
        problem: "lwp by its original definition pairs different words, and its triggers are "
          + triggers.joined(separator: ", "),
        remedy: "name two or more different ones with --triggers, in a plan with triggers")
    }
  }

  /// A text with pairs, and with the same ones turned round.
  private func paired(_ text: String, _ generator: inout SeededGenerator) -> [String] {
    var (forward, backward) = (InsertionWords(text), InsertionWords(text))
    for _ in 0..<trainingInsertionCount {
      let place = forward.place(within: insertionLimit, &generator)
      let pair = pair(&generator)
      forward.insert(pair.joined(separator: " "), at: place)
      backward.insert(pair.reversed().joined(separator: " "), at: place)
    }
    return [forward.text, backward.text]
  }
}

extension Dataset {
  /// Other examples with the same labels.
  fileprivate func with(_ examples: [Example]) -> Dataset {
    var other = self
    other.examples = examples
    return other
  }
}
