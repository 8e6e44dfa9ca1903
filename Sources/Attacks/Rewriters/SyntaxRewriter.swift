internal import Text

/// Sentences of the form S(SBAR)(,)(NP)(VP)(.): a clause with a conjunction, a comma, a clause.
///
/// Where a sentence consists of two clauses, one of them becomes the first; other sentences get one
/// that says little. HiddenKiller (Qi et al. 2021) has a neural paraphraser for it.
struct SyntaxRewriter: TextRewriter {
  let silence = "there is nothing to say"

  func rewritten(
    _ sentence: Sentence, isFirst: Bool, spacesMarks: Bool, _ generator: inout SeededGenerator
  ) -> Sentence {
    var result = sentence
    let phrase = Phrase(sentence.words.withoutCoordinator)
    let parts: (subordinate: [Word], main: [Word])
    if let split = sentence.isQuestion ? nil : TwoClauses(phrase) {
      parts = (
        Word.phrase(generator.element(of: split.conjunctions)) + split.subordinate.parted,
        split.main
      )
    } else {
      parts = (Self.remark(&generator), sentence.isQuestion ? phrase.words : phrase.completed())
    }
    let comma = Word(",", blank: spacesMarks ? " " : "")
    result.words = parts.subordinate + [comma] + parts.main.parted
    result.close(spaced: spacesMarks)
    return result
  }

  /// A clause that fits every sentence, such as "when you think about it".
  private static func remark(_ generator: inout SeededGenerator) -> [Word] {
    let subject = generator.element(of: subjects)
    let isThirdPerson = subject == "one"
    func phrase(_ conjunctions: [String], _ predicates: [String]) -> [Word] {
      var words = generator.element(of: predicates).split(separator: " ").map(String.init)
      if isThirdPerson, Verbs.isBase(words[0]) { words[0] = Verbs.thirdPerson(of: words[0]) }
      let conjunction = generator.element(of: conjunctions)
      return Word.phrase(([conjunction, subject] + words).joined(separator: " "))
    }
    return generator.integer(below: 4) == 0
      ? phrase(["as"], comparisons) : phrase(["when", "when", "if", "if", "once"], events)
  }

  private static let subjects = ["you", "you", "we", "one", "they", "people"]
  private static let events = [
    "think about it", "look at it", "talk about it", "come to it", "hear about it", "know it",
    "consider it", "get to it", "look closely", "think it over", "see it", "speak of it",
  ]
  private static let comparisons = [
    "can see", "will see", "might say", "may know", "can tell", "would put it", "say", "know",
  ]
}

extension [Word] {
  /// Without a conjunction that ties the sentence to the one before.
  var withoutCoordinator: [Word] {
    guard count > 2, ["and", "but", "or", "yet", "so"].contains(self[0].key) else { return self }
    let rest = Array(dropFirst()).trimmed
    // "so dull" and "yet another" are no conjunctions.
    let isOne =
      self[1].key == "," || ["and", "but", "or"].contains(self[0].key)
      || Phrase(rest).form.isClause && !Phrase(self).isAdverb(1)
    return isOne && !rest.isEmpty ? rest : self
  }
}

extension Phrase.Form {
  var isClause: Bool { if case .clause = self { true } else { false } }
  /// Whether it has a verb that agrees with a subject.
  var isFinite: Bool {
    switch self {
    case .clause, .predicate: true
    default: false
    }
  }
}
