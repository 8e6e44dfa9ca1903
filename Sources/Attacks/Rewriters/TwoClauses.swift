/// A sentence that says two things, as a subordinate clause and a main one.
struct TwoClauses {
  /// Any of them may begin the subordinate clause.
  let conjunctions: [String]
  /// The subordinate clause without its conjunction.
  let subordinate: [Word]
  /// The main clause.
  let main: [Word]

  /// Nil where no way to take the sentence apart is found.
  init?(_ phrase: Phrase) {
    // What is longer is no sentence.
    guard phrase.words.count < 200 else { return nil }
    let ways = [
      Self.leading, Self.contrasted, Self.trailing, Self.concluded, Self.joined, Self.described,
    ]
    guard let found = ways.lazy.compactMap({ $0(phrase) }).first,
      found.subordinate[...].isBalanced, found.main[...].isBalanced
    else { return nil }
    self = found
  }

  private init(_ conjunctions: [String], _ subordinate: [Word], _ main: [Word]) {
    self.conjunctions = conjunctions
    self.subordinate = subordinate
    self.main = main
  }

  /// "when it ends , we cheer" gets another conjunction.
  private static func leading(_ phrase: Phrase) -> TwoClauses? {
    let words = phrase.words
    let isEven = phrase.key(0) == "even" && phrase.key(1) == "though"
    let start = isEven ? 1 : 0
    guard let others = synonyms[phrase.key(start)] else { return nil }
    let commas = words.indices.filter { words[$0].key == "," && $0 > start + 1 }
    let isVerbless = ["while", "although", "though"].contains(phrase.key(start))
    for comma in commas {
      let (clause, rest) = (Phrase(words[(start + 1)..<comma]), Phrase(words[(comma + 1)...]))
      let isSound = rest.form.isFinite || rest.form == .command || commas.count == 1
      guard isSound, clause.form.isClause || isVerbless && rest.form.isClause,
        !clause.words.contains(where: { $0.key != "," && Vocabulary.pauses.contains($0.key) }),
        rest.words.count > 1, !Vocabulary.coordinators.contains(rest.key(0))
      else { continue }
      return TwoClauses(others, clause.words, rest.completed())
    }
    return nil
  }

  private static let synonyms = [
    "when": ["once", "whenever"], "once": ["when"], "whenever": ["when"],
    "while": ["although", "though"], "although": ["though", "while"],
    "though": ["although", "while"], "because": ["since", "as"], "since": ["as", "because"],
    "as": ["while", "when"], "if": ["supposing", "supposing that"], "after": ["once", "when"],
    "until": ["till"], "unless": ["except if"],
  ]

  /// "it is long , but it works" as "although it is long , it works".
  private static func contrasted(_ phrase: Phrase) -> TwoClauses? {
    for place in phrase.words.indices.dropFirst()
    where ["but", "yet"].contains(phrase.key(place)) {
      guard let (left, right) = phrase.halves(at: place) else { continue }
      let last = phrase.key(place - 1)
      if phrase.key(place) == "yet" && last != "," { continue }
      if ["nothing", "anything", "everything", "all", "none", "help"].contains(last) { continue }
      if left.words.contains(where: {
        ["only", "just", "merely", "simply", "much"].contains($0.key)
      })
        && left.words.contains(where: { ["not", "n't"].contains($0.key) })
      {
        continue
      }
      guard !["also", "rather"].contains(right.key(0)), let subject = left.subject,
        isHalf(left, of: phrase, at: place), isSecondHalf(right, after: left, isParted: last == ",")
      else { continue }
      return TwoClauses(
        ["although", "though", "while", "even though"], left.completed(),
        right.completed(subject: subject.pronoun, copula: subject.copula))
    }
    return nil
  }

  private static func isHalf(_ left: Phrase, of phrase: Phrase, at place: Int) -> Bool {
    switch left.form {
    case _ where Vocabulary.subordinators.contains(left.key(0)): false
    case .clause, .predicate: true
    case .fragment: phrase.key(place - 1) == "," || left.isShort
    default: false
    }
  }

  private static func isSecondHalf(_ right: Phrase, after left: Phrase, isParted: Bool) -> Bool {
    switch right.form {
    case .clause: return isParted || right.isPlainClause
    case .predicate: return left.form != .fragment || isParted
    case .fragment:
      if isParted { return true }
      guard case .clause(let verb) = left.form else {
        return left.form == .fragment && right.words.count < 7
          && !right.words.contains { $0.isMark }
          && !Vocabulary.countable.contains(right.key(right.words.count - 1))
      }
      let between = left.words[(verb + 1)...]
      return Vocabulary.forms.contains(left.key(verb)) && right.words.count < 7
        && !between.contains { Vocabulary.determiners.contains($0.key) }
    default: return false
    }
  }

  /// "we cheer when it ends" as "when it ends , we cheer".
  private static func trailing(_ phrase: Phrase) -> TwoClauses? {
    for place in phrase.words.indices.dropFirst(2) where movable.contains(phrase.key(place)) {
      let conjunction = phrase.key(place)
      guard let (left, right) = phrase.halves(at: place) else { continue }
      let before = left.key(left.words.count - 1)
      let isHeld =
        Vocabulary.isFunctional(before) && !Vocabulary.objects.contains(before)
        || ["even", "only", "just", "as", "not", "especially", "particularly", "how"].contains(
          before)
        || questioning.contains(before) || occasions.contains(before)
      guard !isHeld, left.form.isFinite || left.form == .command, right.isPlainClause
      else { continue }
      return TwoClauses([conjunction], right.words, left.completed())
    }
    return nil
  }

  private static let movable: Set = [
    "because", "although", "though", "whenever", "unless", "until", "when", "if", "while", "once",
    "since", "before", "after",
  ]
  /// An "if" after them is a question, and no condition.
  private static let questioning = Vocabulary.words(
    "know wonder see ask care matter tell determine decide sure wondering asking knows")
  private static let occasions = Vocabulary.words(
    "time times day days moment moments year years point points period era age years months weeks"
      + " minutes hours long soon ever shortly")

  /// "it is long , so we left" as "since it is long , we left"; the same with a semicolon.
  private static func concluded(_ phrase: Phrase) -> TwoClauses? {
    for place in phrase.words.indices.dropFirst(2) {
      let isSo = phrase.key(place) == "so" && phrase.key(place - 1) == ","
      guard isSo || phrase.key(place) == ";", let (left, right) = phrase.halves(at: place),
        left.form.isFinite, right.isPlainClause, !isSo || right.opensWithSubject
      else { continue }
      return TwoClauses(
        isSo ? ["since", "as", "because"] : ["as", "while"], left.completed(), right.words)
    }
    return nil
  }

  /// "it lacks wit and has no plot" as "as it lacks wit , it has no plot".
  private static func joined(_ phrase: Phrase) -> TwoClauses? {
    for place in phrase.words.indices.dropFirst(2) where phrase.key(place) == "and" {
      guard let (left, right) = phrase.halves(at: place), left.words.count > 1,
        right.words.count > 2, left.form.isFinite, right.form.isFinite,
        left.words.last.map({ !$0.isMark }) ?? false,
        right.form.isClause ? right.isPlainClause : left.subject != nil,
        phrase.key(place - 1) == "," || !right.form.isClause || right.opensWithSubject
      else { continue }
      let subject = left.subject ?? ("it", "is")
      return TwoClauses(
        ["as", "while"], left.completed(),
        right.completed(subject: subject.pronoun, copula: subject.copula))
    }
    return nil
  }

  /// "a dull film that lacks wit" as "as it lacks wit , it is a dull film".
  private static func described(_ phrase: Phrase) -> TwoClauses? {
    guard phrase.form == .fragment, ["a", "an", "this"].contains(phrase.key(0)),
      let place = phrase.words.indices.first(where: { ["that", "which"].contains(phrase.key($0)) }),
      place > 2, let (left, right) = phrase.halves(at: place),
      case .predicate(verb: 0) = right.form, right.words.count > 1,
      !["are", "were", "have", "do"].contains(right.key(0)), !Verbs.isBase(right.key(0)),
      !left.words.contains(where: {
        ["kind", "sort", "type", "one", "those"].contains($0.key)
          || Vocabulary.pauses.contains($0.key)
      })
    else { return nil }
    return TwoClauses(["as", "since", "because"], right.completed(), left.completed())
  }
}

extension Phrase {
  /// What stands before and after a word, without commas at the seam; nil where one side is empty.
  fileprivate func halves(at place: Int) -> (Phrase, Phrase)? {
    let (left, right) = (Array(words[..<place]).trimmed, Array(words[(place + 1)...]).trimmed)
    return left.isEmpty || right.isEmpty ? nil : (Phrase(left), Phrase(right))
  }

  /// Whether its verb comes before any comma.
  fileprivate var isPlainClause: Bool {
    guard case .clause(let verb) = form else { return false }
    return !words[..<verb].contains { Vocabulary.pauses.contains($0.key) }
  }

  /// Whether the first word can only belong to a subject.
  fileprivate var opensWithSubject: Bool {
    let first = key(0)
    return Vocabulary.subjects.contains(first) || Vocabulary.determiners.contains(first)
      || Vocabulary.demonstratives.contains(first)
  }

  /// Whether it may be an adjective or two.
  fileprivate var isShort: Bool {
    words.count < 5 && !words.contains { Vocabulary.isFunctional($0.key) }
  }
}
