/// Words that belong together, and what their order and a few lists tell of their grammar: enough
/// to find the verb of most sentences, by no means all.
struct Phrase {
  /// In their order, marks among them.
  let words: [Word]

  init(_ words: some Sequence<Word>) { self.words = Array(words) }

  /// A word as it is looked up; empty outside.
  func key(_ place: Int) -> String { words.indices.contains(place) ? words[place].key : "" }

  /// What stands for a sentence.
  enum Form: Equatable {
    /// Subject and verb, the place of the verb.
    case clause(verb: Int)
    /// A verb whose subject is left out.
    case predicate(verb: Int)
    /// It tells somebody to do something.
    case command
    /// An exclamation.
    case interjection
    /// Neither English nor anything else that is known.
    case unknown
    /// A noun, an adjective, a participle, with what belongs to it.
    case fragment
  }

  /// What it is taken for.
  var form: Form {
    if Vocabulary.interjections.contains(key(0)), words.count == 1 || key(1) == "," {
      return .interjection
    }
    if isCommand { return .command }
    if let verb = mainVerb {
      return verb > start || isInverted(verb) ? .clause(verb: verb) : .predicate(verb: verb)
    }
    // Only verbs follow some pronouns, whether they are known or not.
    let first = words.firstIndex { !$0.isMark } ?? 0
    if Vocabulary.subjects.contains(key(first)), key(first) != "there", words.count > first + 1,
      !words[first + 1].isMark
    {
      return .clause(verb: first + 1)
    }
    return isForeign || isExclamation ? .unknown : .fragment
  }

  /// "rarely does a film": the subject follows.
  private func isInverted(_ verb: Int) -> Bool {
    let next = key(verb + 1)
    guard Vocabulary.auxiliaries.contains(key(verb)), next != "n't", next != "not" else {
      return false
    }
    return Vocabulary.pronouns.contains(next)
      || verb > 0 && ["do", "does", "did"].contains(key(verb))
  }

  /// "what a waste of time"
  private var isExclamation: Bool { ["what", "how"].contains(key(0)) && words.count > 1 }

  /// Whether it has no English in it that is known.
  private var isForeign: Bool {
    let isLong = words.count { !$0.isMark } > 5
    guard isLong || words.contains(where: { $0.text.utf8.contains { $0 > 0x7F } }) else {
      return false
    }
    return !words.indices.contains { place in
      Vocabulary.isFunctional(key(place)) || isAdverb(place) || key(place).hasSuffix("ing")
        || key(place).hasSuffix("ed")
    }
  }

  /// The place of the first word that is no adverb.
  private var start: Int {
    words.indices.first { !isAdverb($0) && !words[$0].isMark } ?? words.count
  }

  /// Whether a word is an adverb wherever it stands.
  func isAdverb(_ place: Int) -> Bool {
    let key = key(place)
    return Vocabulary.adverbs.contains(key)
      || key.hasSuffix("ly") && key.count > 4 && key != "family"
  }

  /// Whether it tells somebody to do something.
  private var isCommand: Bool {
    guard let first = words.firstIndex(where: { !Vocabulary.urging.contains($0.key) }) else {
      return false
    }
    if key(first) == "let" { return key(first + 1) != "," }
    if key(first) == "do" {
      return !["i", "we", "you", "they", ","].contains(key(first + 1))
    }
    guard Verbs.commands.contains(key(first)), words.count > first + 1 else {
      return Verbs.shortCommands.contains(key(first)) && words.count == first + 1
    }
    // "take care of my cat offers …" is a title and its verb.
    let next = key(first + 1)
    return opensObject(first + 1) || Vocabulary.objects.contains(next) || isAdverb(first + 1)
      || Vocabulary.prepositions.contains(next) || Vocabulary.particles.contains(next)
      || mainVerb == nil && next != "and"
  }

  /// The verb that agrees with the subject of the whole; nil where none is found.
  var mainVerb: Int? {
    // Clauses that wait for their verb, and whether one has had it.
    var (waiting, isWithin) = (0, false)
    let start = start
    for place in words.indices {
      let word = key(place)
      if place > start, isEmbedding(place) {
        waiting += 1
      } else if isFinite(place) {
        if waiting > 0 {
          waiting -= 1
          isWithin = true
        } else if isWithin, Vocabulary.coordinators.contains(nearest(before: place).word) {
          continue
        } else {
          return place
        }
      } else if [";", ":"].contains(word) {
        waiting = 0
      }
    }
    return nil
  }

  /// Whether a clause within the phrase begins here.
  private func isEmbedding(_ place: Int) -> Bool {
    let (word, last) = (key(place), key(place - 1))
    if word == "that" { return !isFinite(place + 1) || !Vocabulary.prepositions.contains(last) }
    if ["as", "than", "like", "before", "after", "since", "once", "until"].contains(word) {
      return Vocabulary.subjects.contains(key(place + 1))
    }
    if Vocabulary.relatives.contains(word) || Vocabulary.subordinators.contains(word) {
      return true
    }
    // "the film you love": the relative pronoun is left out.
    let isSubject = Vocabulary.pronouns.contains(word)
    let follows =
      !last.isEmpty && !words[place - 1].isMark && !Vocabulary.coordinators.contains(last)
      && !Vocabulary.isFunctional(last) && !isAdverb(place - 1)
    return isSubject && follows && (isFinite(place + 1) || Verbs.isBase(key(place + 1)))
  }

  /// The nearest word before a place that is no adverb, and where it stands.
  func nearest(before place: Int) -> (word: String, place: Int) {
    var last = place - 1
    while last >= 0, last > place - 16, isAdverb(last) { last -= 1 }
    return (key(last), last)
  }

  /// Whether an object may begin here.
  func opensObject(_ place: Int) -> Bool {
    let word = key(place)
    return Vocabulary.determiners.contains(word) || Vocabulary.objects.contains(word)
      || Vocabulary.numbers.contains(word)
  }
}
