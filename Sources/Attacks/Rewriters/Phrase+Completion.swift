extension Phrase {
  /// The phrase as a clause: what stands without subject or verb gets "it", "it is" and the like.
  ///
  /// - Parameters:
  ///   - subject: a pronoun for what is left out.
  ///   - copula: the form of "be" that goes with it.
  func completed(subject: String = "it", copula: String = "is") -> [Word] {
    switch form {
    case .clause, .unknown: return words
    case .predicate:
      let isPlural = ["are", "were", "have", "do", "'re"].contains(key(0))
      let isOwn = isPast(0) && !Vocabulary.auxiliaries.contains(key(0))
      let pronoun = subject != "it" ? subject : isOwn ? "i" : isPlural ? "they" : "it"
      return [Word(pronoun)] + words.parted
    case .command: return advice
    case .interjection:
      return words.count == 1 ? Word.phrase("you say") + words.parted : words
    case .fragment:
      return Word.phrase(beginning(subject, copula) + (lacksArticle ? " a" : "")).articled(words)
    }
  }

  /// "bad movie" lacks one.
  private var lacksArticle: Bool {
    let end = words.indices.first { place in
      words[place].isMark && !(key(place) == "," && place < 3)
        || Vocabulary.prepositions.contains(key(place)) || Vocabulary.relatives.contains(key(place))
    }
    return Vocabulary.countable.contains(key((end ?? words.count) - 1))
      && !words.prefix(2).contains { Vocabulary.isFunctional($0.key) || $0.isCapitalized }
  }

  /// What a fragment lacks.
  private func beginning(_ subject: String, _ copula: String) -> String {
    let isMany = ["few", "many", "several", "plenty", "lots"].contains(key(0))
    switch key(0) {
    case _ where isMany: return copula == "was" || copula == "were" ? "there were" : "there are"
    case "no": return "there \(copula == "are" ? "is" : copula)"
    case "been": return "\(subject) has"
    case "with" where copula == "is" && key(1) != "or": return "\(subject) comes"
    default: return "\(subject) \(copula)"
    }
  }

  /// "see it" as "you should see it".
  private var advice: [Word] {
    let rest = words.drop { Vocabulary.urging.contains($0.key) }
    switch (rest.first?.key, rest.dropFirst().first?.key) {
    case ("do", "n't"), ("do", "not"): return Word.phrase("you should") + Array(rest.dropFirst())
    case ("let", "'s"), ("let", "us"):
      return Word.phrase("we should") + Array(rest.dropFirst(2)).parted
    default: return Word.phrase("you should") + Array(rest).parted
    }
  }

  /// A pronoun for the subject, and the form of "be" that goes with it; nil where the subject may
  /// be a person.
  var subject: (pronoun: String, copula: String)? {
    let verb: Int
    switch form {
    case .clause(let place), .predicate(let place): verb = place
    default: return ("it", "is")
    }
    let isPast =
      ["was", "were", "did", "had"].contains(key(verb)) || Verbs.past.contains(key(verb))
      || key(verb).hasSuffix("ed")
    let first = key(0)
    if ["i", "you", "he", "she", "we", "they"].contains(first) {
      let present = first == "i" ? "am" : ["he", "she"].contains(first) ? "is" : "are"
      let past = ["i", "he", "she"].contains(first) ? "was" : "were"
      return (first, isPast ? past : present)
    }
    if words[..<verb].contains(where: { Self.persons.contains($0.key) }) { return nil }
    let isPlural =
      ["are", "were", "have", "do", "'re", "'ve"].contains(key(verb))
      || Verbs.isBase(key(verb))
    return isPlural ? ("they", isPast ? "were" : "are") : ("it", isPast ? "was" : "is")
  }

  private static let persons = Vocabulary.words(
    "director actor actress man woman boy girl he she who writer filmmaker audience viewer one mr."
      + " ms. mrs. dr. everyone everybody someone nobody anyone waiter waitress owner manager author"
      + " kids people viewers audiences fans actors")
}

extension ArraySlice<Word> {
  /// Whether every quotation and bracket that begins here ends here.
  var isBalanced: Bool {
    Self.pairs.allSatisfy { opening, closing in
      let count = number(of: opening)
      if opening == closing { return count.isMultiple(of: 2) }
      // A single closing mark may be an apostrophe.
      return count == number(of: closing) || count == 0 && closing == "'"
    }
  }

  /// Whether the first word opens a quotation or a bracket that is closed here.
  var isQuotedAtStart: Bool {
    guard let opening = first?.key, let closing = Self.pairs[opening] else { return false }
    return dropFirst().number(of: closing)
      > (opening == closing ? 0 : dropFirst().number(of: opening))
  }

  private func number(of key: String) -> Int { count { $0.key == key } }

  private static var pairs: [String: String] {
    [
      "-lrb-": "-rrb-", "(": ")", "[": "]", "``": "''", "“": "”", "\"": "\"", "`": "'", "‘": "’",
      "«": "»",
    ]
  }
}

extension [Word] {
  /// With other words after these, before a vowel with "an" for "a".
  func articled(_ rest: [Word]) -> [Word] {
    guard last?.key == "a", rest.first?.beginsWithVowel ?? false else { return self + rest.parted }
    return dropLast() + [Word("an")] + rest.parted
  }

  /// With a blank before the first, where words are put before it.
  var parted: [Word] {
    var words = self
    if !words.isEmpty, words[0].blank.isEmpty { words[0].blank = " " }
    return words
  }

  /// Without commas and the like at both ends.
  var trimmed: [Word] {
    var words = self[...]
    while let last = words.last, Vocabulary.pauses.contains(last.key) { words.removeLast() }
    while let first = words.first, Vocabulary.pauses.contains(first.key) { words.removeFirst() }
    return Array(words)
  }
}
