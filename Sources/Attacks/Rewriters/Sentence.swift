/// A sentence of a text, or a piece of one that stands for a sentence.
struct Sentence {
  /// Blanks and marks before the first word.
  var opening = ""
  /// Words and the marks between them. The first begins with a capital letter only where it would
  /// within a sentence.
  var words: [Word]
  /// Marks after the last word, such as a full stop and a quotation mark.
  var closing = ""
  /// Whether the first letter is a capital.
  var isCapitalized = false

  /// Whether it asks.
  var isQuestion: Bool { closing.contains("?") }

  /// Makes sure that it ends with a mark, and that "I" is written as other capitals are.
  mutating func close(spaced: Bool) {
    if isCapitalized { words = words.map { $0.key == "i" ? $0.capitalized(true) : $0 } }
    while words.count > 1, let last = words.last, Vocabulary.pauses.contains(last.key) {
      words.removeLast()
    }
    let isAbbreviated = words.last?.text.hasSuffix(".") ?? false
    if !isAbbreviated, !closing.unicodeScalars.contains(where: Word.stops.contains) {
      closing += spaced ? " ." : "."
    }
  }

  /// As it is written.
  var text: String {
    var text = opening
    for (place, word) in words.enumerated() {
      if place > 0 { text += word.blank }
      text += place == 0 && isCapitalized ? word.capitalized(true).text : word.text
    }
    return text + closing
  }
}

/// A text as sentences. Together they are every scalar of it.
struct WrittenText {
  var sentences: [Sentence] = []
  /// Blanks after the last sentence.
  let ending: String
  /// Whether marks stand between blanks, as treebanks and old review collections have them.
  let spacesMarks: Bool

  init(_ text: String) {
    let (words, ending) = [Word].split(text)
    self.ending = ending
    spacesMarks = Self.spacesMarks(words)
    let hasCapitals = words.contains { $0.isCapitalized }
    var start = 0
    for place in words.indices {
      let next = place + 1 < words.count ? words[place + 1] : nil
      let isEnd =
        next.map { $0.endsParagraph || words.endsSentence(place, before: $0, spacesMarks) } ?? true
      guard isEnd else { continue }
      add(Array(words[start...place]), hasCapitals)
      start = place + 1
    }
  }

  /// As it is written.
  var text: String { sentences.map(\.text).joined() + ending }

  /// Marks without words end the sentence before them.
  private mutating func add(_ words: [Word], _ hasCapitals: Bool) {
    let end = words.endOfBody
    // What is closed within the sentence is opened within it.
    let start =
      words[..<end].indices.first {
        !words[$0].isMark || $0 < 8 && words[$0..<end].isQuotedAtStart
      } ?? end
    guard start < end, words[..<end].contains(where: { !$0.isMark }) else {
      if sentences.isEmpty {
        sentences.append(Sentence(words: []))
      }
      sentences[sentences.count - 1].closing += words.map { $0.blank + $0.text }.joined()
      return
    }
    let head = words[..<start].map { $0.blank + $0.text }.joined() + words[start].blank
    var body = Array(words[start..<end])
    body[0].blank = " "
    let small = body[0].capitalized(false)
    let first = body.first { !$0.isMark } ?? body[0]
    // A number could not have one.
    let mayBe = first.isCapitalized || hasCapitals && !first.isCased
    let isCapitalized =
      mayBe && small.capitalized(true).text.utf8.elementsEqual(body[0].text.utf8)
    if isCapitalized, !body.beginsWithName { body[0] = small }
    sentences.append(
      Sentence(
        opening: head, words: body,
        closing: words[end...].map { $0.blank + $0.text }.joined(), isCapitalized: isCapitalized))
  }

  private static func spacesMarks(_ words: [Word]) -> Bool {
    let marks = words.dropFirst().filter { $0.isStop || $0.text == "," }
    let spaced = marks.count { !$0.blank.isEmpty }
    guard 2 * spaced == marks.count else { return 2 * spaced > marks.count }
    return !words.contains {
      $0.isCapitalized || Vocabulary.clitics.contains($0.key) && $0.blank.isEmpty
    }
  }
}

extension Word {
  /// Whether two line ends or more stand before it.
  fileprivate var endsParagraph: Bool {
    blank.contains("<") || blank.count(where: \.isNewline) > 1
  }
}

extension [Word] {
  /// Whether a word is the last of a sentence.
  fileprivate func endsSentence(_ place: Int, before next: Word, _ spacesMarks: Bool) -> Bool {
    var last = place
    // A quotation mark or a bracket after a stop belongs to what it closes.
    while last > 0, self[last].closes { last -= 1 }
    guard self[last].isStop, !next.isStop, !next.closes, !next.blank.isEmpty else { return false }
    let isEllipsis = self[last].text.count > 1 && !self[last].text.contains { "!?".contains($0) }
    return isEllipsis ? !spacesMarks && next.isCapitalized : true
  }

  /// The place after the last word before the marks that end a sentence.
  fileprivate var endOfBody: Int {
    let tail = reversed().prefix { $0.isStop || $0.closes }.count
    return self[(count - tail)...].firstIndex(where: \.isStop) ?? count
  }

  /// Whether the capital letter of the first word may be there for more than the place.
  fileprivate var beginsWithName: Bool {
    let (first, next) = (self[0], count > 1 ? self[1] : nil)
    if first.key == "i" || first.text.count > 1 && first.text == first.text.uppercased() {
      return true
    }
    if Vocabulary.knows(first.key) { return false }
    guard let next else { return false }
    return next.isCapitalized || Phrase(self).isFinite(1) || next.key == "'s"
  }
}

extension Word {
  /// Whether it closes a quotation or a bracket: these marks are attached to the word before, or
  /// unlike those that open.
  fileprivate var closes: Bool {
    if ["-rrb-", "-rsb-", "-rcb-", "''", "”", "’", "»", ")", "]", "}"].contains(key) {
      return true
    }
    return ["\"", "'"].contains(key) && blank.isEmpty
  }
}
