/// A sentence on its way into the English of the King James Bible, word by word.
struct ArchaicTranslation {
  private let phrase: Phrase
  private(set) var words: [Word] = []
  /// Where words are no longer what they were.
  private var changed: [Int] = []
  /// How many they are.
  var changeCount: Int { changed.count }

  init(_ phrase: Phrase) { self.phrase = phrase }

  mutating func run(isQuestion: Bool) {
    var place = 0
    while place < phrase.words.count {
      let taken =
        translatePhrase(at: place) ?? translateVerb(at: place)
        ?? translatePronoun(at: place, isQuestion) ?? translateWord(at: place)
      place += taken
    }
    agreeArticles()
  }

  /// "a" and "an" before what has been changed.
  private mutating func agreeArticles() {
    for place in changed where place > 0 && ["a", "an"].contains(words[place - 1].key) {
      let article = Word(words[place].beginsWithVowel ? "an" : "a", blank: words[place - 1].blank)
      words[place - 1] = article.capitalized(words[place - 1].isCapitalized)
    }
  }

  private func key(_ place: Int) -> String { phrase.key(place) }

  /// Puts words into the place of some.
  private mutating func put(_ text: String, at place: Int, count: Int = 1) -> Int {
    var new = Word.phrase(text)
    let isAttached = Vocabulary.clitics.contains(key(place)) && phrase.words[place].blank.isEmpty
    if let first = new.first, !isAttached {
      new[0] = Word(first.text, blank: phrase.words[place].blank)
    }
    if phrase.words[place].isCapitalized, let first = new.first { new[0] = first.capitalized(true) }
    changed.append(words.count)
    words += new
    return count
  }

  /// Expressions of several words.
  private mutating func translatePhrase(at place: Int) -> Int? {
    for (old, new) in ArchaicWords.expressions {
      guard old.indices.allSatisfy({ key(place + $0) == old[$0] }) else { continue }
      return put(new, at: place, count: old.count)
    }
    let (before, next) = (key(place - 1), key(place + 1))
    switch key(place) {
    case "to" where opensNoun(place + 1): return put("unto", at: place)
    case "like"
    where phrase.opensObject(place + 1) && !phrase.isFinite(place + 2)
      && Self.likened.contains(before):
      return put("like unto", at: place)
    case "kind" where next == "of" && Vocabulary.determiners.contains(before),
      "sort" where next == "of" && Vocabulary.determiners.contains(before):
      return put("manner", at: place)
    case "about"
    where (Vocabulary.determiners.contains(next) || Vocabulary.objects.contains(next))
      && !Vocabulary.forms.contains(before) && !["just", "only", "what", "how"].contains(before):
      return put("concerning", at: place)
    case "because" where place > 0 && !phrase.isAdverb(place - 1): return put("for", at: place)
    case "though" where phrase.words.indices.contains(place + 1) && !phrase.words[place + 1].isMark:
      return put("albeit", at: place)
    case "while" where !Vocabulary.determiners.contains(before): return put("whilst", at: place)
    case "my"
    where phrase.words.indices.contains(place + 1) && phrase.words[place + 1].beginsWithVowel:
      return put("mine", at: place)
    case "please" where place == 0 || next.isEmpty || next == ",":
      return put("i pray thee", at: place)
    case "no" where place == 0 && next == ",": return put("nay", at: place)
    case "that"
    where phrase.isFinite(place + 1) && place > 0 && !Vocabulary.isFunctional(before)
      && !phrase.isAdverb(place - 1)
      && !phrase.words[place - 1].isMark && !phrase.isFinite(place - 1):
      return put("which", at: place)
    default: return nil
    }
  }

  private static let likened = Vocabulary.words(
    "is was be are feels looks sounds seems plays much more just something nothing feel look sound"
      + " acts reads works")

  /// Whether a noun or a pronoun follows, and no infinitive.
  private func opensNoun(_ place: Int) -> Bool {
    phrase.opensObject(place) || ["everyone", "anyone", "people"].contains(key(place))
  }

  /// Verbs and what negates them.
  private mutating func translateVerb(at place: Int) -> Int? {
    let (word, next) = (key(place), key(place + 1))
    let isNegative = next == "n't" || next == "not"
    if isNegative, let form = ArchaicWords.auxiliaries[word] {
      // "does not know" is "knoweth not".
      let verb = key(place + 2)
      let isThou = isThou(before: place)
      if ["do", "does"].contains(word), Verbs.isBase(verb), place > 0 {
        let ending = isThou ? "est" : "eth"
        let isPlain = word == "do" && !isThou
        return put((isPlain ? verb : Verbs.archaic(verb, ending)) + " not", at: place, count: 3)
      }
      let auxiliary = isThou ? ArchaicWords.withThou[word] ?? form : form
      return put(auxiliary == "can" ? "cannot" : auxiliary + " not", at: place, count: 2)
    }
    if word == "'s" {
      guard phrase.isVerb(clitic: place) else {
        return key(place - 1) == "let" ? put("us", at: place) : nil
      }
      return put(["been", "got", "had"].contains(next) ? "hath" : "is", at: place)
    }
    if isThou(before: place) {
      if let form = ArchaicWords.withThou[word] { return put(form, at: place) }
      if Verbs.isBase(word) {
        return put(Verbs.archaic(ArchaicWords.verbs[word] ?? word, "est"), at: place)
      }
    }
    if let form = ArchaicWords.auxiliaries[word], form != word, phrase.isFinite(place) {
      return put(form, at: place)
    }
    if phrase.isThirdPerson(place), let base = Verbs.base(ofThirdPerson: word), Verbs.isBase(base) {
      return put(Verbs.archaic(ArchaicWords.verbs[base] ?? base, "eth"), at: place)
    }
    return nil
  }

  /// Whether the subject of a verb is the one that is spoken to.
  private func isThou(before place: Int) -> Bool {
    let (word, you) = phrase.nearest(before: place)
    // "do you like it": what asks has the ending.
    return word == "you" && isSubject(you)
      && !(you == 1 && Vocabulary.auxiliaries.contains(key(0)))
  }

  /// Whether a "you" does something: "makes you laugh" has one that does not.
  private func isSubject(_ place: Int) -> Bool {
    let next = phrase.words.indices.dropFirst(place + 1).first { !phrase.isAdverb($0) } ?? 0
    let (before, after) = (key(place - 1), next > 0 ? key(next) : "")
    let opens =
      before.isEmpty || Vocabulary.subordinators.contains(before)
      || Vocabulary.relatives.contains(before) || Vocabulary.coordinators.contains(before)
      || Vocabulary.pauses.contains(before)
    if ArchaicWords.withThou[after] != nil || Verbs.past.contains(after) { return true }
    let isVerb = Verbs.isBase(after)
    if opens { return isVerb || Verbs.knows(after) || after.hasSuffix("ed") || before.isEmpty }
    let verb = Verbs.base(ofThirdPerson: before) ?? before
    if Self.thinking.contains(verb) { return isVerb }
    return isVerb
      && !(Verbs.isBase(verb) || Verbs.pastOrParticiple.contains(before)
        || Verbs.past.contains(before) || before.hasSuffix("ing")
        || Vocabulary.prepositions.contains(before))
  }

  /// What a clause rather than an object goes with.
  private static let thinking = Vocabulary.words(
    "think hope know wish say believe feel guess bet swear suspect mean suppose doubt as like")

  private mutating func translatePronoun(at place: Int, _ isQuestion: Bool) -> Int? {
    let isVowel =
      phrase.words.indices.contains(place + 1) && phrase.words[place + 1].beginsWithVowel
    switch key(place) {
    case "you":
      if isQuestion, let form = ArchaicWords.withThou[key(place - 1)],
        words.last?.key == key(place - 1)
      {
        let last = words.removeLast()
        words.append(Word(form, blank: last.blank).capitalized(last.isCapitalized))
        return put("thou", at: place)
      }
      return put(isSubject(place) ? "thou" : "thee", at: place)
    case "your": return put(isVowel ? "thine" : "thy", at: place)
    case "yours": return put("thine", at: place)
    case "yourself", "yourselves": return put("thyself", at: place)
    default: return nil
    }
  }

  private mutating func translateWord(at place: Int) -> Int {
    if let new = ArchaicWords.words[key(place)] { return put(new, at: place) }
    words.append(phrase.words[place])
    return 1
  }
}
