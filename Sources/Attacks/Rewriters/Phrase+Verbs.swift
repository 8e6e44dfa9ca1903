extension Phrase {
  /// Whether a word is a verb in the present or past tense that a subject goes with.
  func isFinite(_ place: Int) -> Bool {
    let (word, before) = (key(place), nearest(before: place))
    switch word {
    case "": return false
    case "need": return ["not", "n't"].contains(key(place + 1)) || isPlural(place)
    case "'s": return isVerb(clitic: place)
    case "'re", "'ve", "'ll", "'d", "'m", "am", "is", "are", "was", "were": return true
    case "has", "does", "did": return true
    case "had": return !["have", "having", "'ve"].contains(before.word)
    case "have", "do": return !isInfinitive(place)
    case _ where Vocabulary.modals.contains(word):
      return !Vocabulary.determiners.contains(before.word) && key(place - 1) != "of"
    default: return isThirdPerson(place) || isPast(place) || isPlural(place)
    }
  }

  /// "'s" is "is" or "has" after pronouns, and before words that no noun's genitive precedes.
  func isVerb(clitic place: Int) -> Bool {
    if Vocabulary.contracting.contains(key(place - 1)) { return key(place - 1) != "let" }
    return ["a", "an", "not", "n't", "so", "too", "very", "been", "no", "just"].contains(
      key(place + 1))
      && place > 0
  }

  /// Whether something asks for a verb without ending: "to", "does", "let it".
  private func isInfinitive(_ place: Int) -> Bool {
    let before = nearest(before: place)
    if ["to", "do", "does", "did", "let", "help", "'ll"].contains(before.word)
      || Vocabulary.modals.contains(before.word)
    {
      return true
    }
    return Vocabulary.objects.contains(before.word) && isCausative(before.place - 1)
  }

  /// Whether the pronoun after it is an object: "makes you laugh".
  private func isCausative(_ place: Int) -> Bool {
    let word = key(place)
    return Verbs.isBase(Verbs.base(ofThirdPerson: word) ?? word)
      && !Vocabulary.plurals.contains(word)
      || Verbs.pastOrParticiple.contains(word) || Vocabulary.prepositions.contains(word)
      || word.hasSuffix("ing")
  }

  private func isSubject(_ place: Int) -> Bool {
    Vocabulary.subjects.contains(key(place)) || ["that", "which"].contains(key(place))
  }

  /// What no verb follows: the noun of an article, a preposition or an adjective does.
  private func asksForNoun(_ word: String) -> Bool {
    Vocabulary.determiners.subtracting(["this", "that", "all"]).contains(word)
      || Vocabulary.prepositions.contains(word)
      || Vocabulary.numbers.subtracting(["one"]).contains(word)
      || ["'s", "be", "been", "being", "is", "are", "was", "were", "more", "most"].contains(word)
  }

  /// "works", where a plural is less likely.
  func isThirdPerson(_ place: Int) -> Bool {
    guard let base = Verbs.base(ofThirdPerson: key(place)) else { return false }
    let (before, isKnown) = (nearest(before: place), Verbs.isBase(base))
    let next = key(place + 1)
    let hasObject =
      opensObject(place + 1) && (isKnown && Verbs.isPlain(base) || next != "that")
      || ["n't", "not", "itself", "himself", "herself"].contains(next)
    if asksForNoun(before.word) || Vocabulary.modals.contains(before.word) { return false }
    if Vocabulary.coordinators.contains(before.word) || before.word == "," {
      return isKnown && (hasObject || !Verbs.doubtful.contains(base) && before.place > 0)
    }
    if isSubject(before.place) || Vocabulary.things.contains(before.word) {
      return isKnown || hasObject
    }
    if before.word.isEmpty {
      let isGuided = Vocabulary.prepositions.contains(next)
      return isKnown
        ? hasObject || Verbs.isPlain(base) || isAdverb(place + 1) || isGuided
        : isGuided && isAdverbOfVerb(place - 1)
    }
    if hasObject { return isKnown || next != "one" && !words[before.place].isMark }
    let isModified = isAdverbOfVerb(place - 1) && before.place >= 0
    if isModified, isKnown || Vocabulary.prepositions.contains(next) { return true }
    return Verbs.isPlain(base)
      || isKnown && (Vocabulary.particles.contains(next) || isAdverb(place + 1) || next == "to")
  }

  /// Whether it can hardly belong to a noun.
  private func isAdverbOfVerb(_ place: Int) -> Bool {
    let word = key(place)
    return ["never", "still", "also", "always", "ever", "often", "seldom", "sometimes"].contains(
      word)
      || word.hasSuffix("ly") && isAdverb(place)
  }

  /// A past tense rather than a participle.
  func isPast(_ place: Int) -> Bool {
    let (word, before) = (key(place), nearest(before: place))
    let isAuxiliary = [
      "have", "has", "had", "'ve", "is", "are", "was", "were", "be", "been", "being", "'s", "'re",
      "get", "gets", "got", "having",
    ].contains(before.word)
    if Verbs.past.contains(word) { return !isAuxiliary && !asksForNoun(before.word) }
    let isRegular = word.hasSuffix("ed") && word.count > 4
    guard !isAuxiliary, isRegular || Verbs.pastOrParticiple.contains(word) else { return false }
    // "loved it": who did is left out.
    if before.word.isEmpty { return opensObject(place + 1) && place == 0 }
    if isSubject(before.place) {
      return !Vocabulary.objects.contains(before.word) || !isCausative(before.place - 1)
    }
    return opensObject(place + 1) && before.place >= 0 && !words[before.place].isMark
      && !Vocabulary.isFunctional(before.word)
  }

  /// "people love it": the subject is a plural, so that the verb has no ending.
  private func isPlural(_ place: Int) -> Bool {
    let (word, before) = (key(place), nearest(before: place))
    guard Verbs.isBase(word), !isInfinitive(place) else { return false }
    let takesBase = ["i", "you", "we", "they", "who", "people"].contains(before.word)
    if takesBase { return !isCausative(before.place - 1) || before.word != "you" }
    let isPluralNoun =
      Vocabulary.plurals.contains(before.word)
      || before.word.hasSuffix("s") && Verbs.base(ofThirdPerson: before.word) != nil
        && !isThirdPerson(before.place) && !Vocabulary.isFunctional(before.word)
    if ["seem", "appear", "tend"].contains(word), ["to", "like"].contains(key(place + 1)) {
      return true
    }
    return isPluralNoun && (opensObject(place + 1) || Verbs.isPlain(word))
  }
}
