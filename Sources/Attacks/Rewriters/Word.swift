/// A word, a clitic such as "n't", or a punctuation mark, with the blanks before it.
struct Word {
  /// White space, and line breaks as HTML writes them.
  var blank: String
  /// As it is written.
  let text: String
  /// In small letters, with straight apostrophes: what it is looked up by.
  let key: String

  init(_ text: String, blank: String = " ") {
    self.blank = blank
    self.text = text
    key = text.lowercased().replacing("’", with: "'")
  }

  /// Single words between single blanks.
  static func phrase(_ text: String) -> [Word] {
    text.split(separator: " ").map { Word(String($0)) }
  }

  /// Whether no letter, digit or symbol is in it.
  var isMark: Bool {
    Self.brackets.contains(key) || text.unicodeScalars.allSatisfy(Self.marks.contains)
  }

  /// Whether a sentence can end with it.
  var isStop: Bool { text.unicodeScalars.allSatisfy(Self.stops.contains) }

  /// Whether it begins with a capital letter.
  var isCapitalized: Bool { text.unicodeScalars.first?.properties.isUppercase ?? false }

  /// Whether it begins with a letter that is capital or small.
  var isCased: Bool { text.unicodeScalars.first?.properties.isCased ?? false }

  /// Whether it begins with a vowel, as far as its spelling tells.
  var beginsWithVowel: Bool { "aeiou".contains(key.prefix(1)) && !key.isEmpty }

  /// The same word with another beginning.
  func capitalized(_ isCapitalized: Bool) -> Word {
    let head = text.prefix(1)
    return Word(
      (isCapitalized ? head.uppercased() : head.lowercased()) + text.dropFirst(), blank: blank)
  }

  /// How brackets are written in the Penn treebank.
  static let brackets: Set = ["-lrb-", "-rrb-", "-lsb-", "-rsb-", "-lcb-", "-rcb-"]
  static let stops = Set(".!?…。！？｡؟।".unicodeScalars)
  static let marks = stops.union(opening).union(closing).union("-–—/".unicodeScalars)
  static let opening = Set("\"'`“‘«([{*¿¡„".unicodeScalars)
  static let closing = Set("\"'`”’»)]}*,;:".unicodeScalars).union(stops)
}

extension [Word] {
  /// The words of a text and the blanks after the last one: together every scalar of it.
  static func split(_ text: String) -> (words: [Word], ending: String) {
    let scalars = [Unicode.Scalar](text.unicodeScalars)
    var (words, blank, place): ([Word], String, Int) = ([], "", 0)
    while place < scalars.count {
      let width = blankWidth(scalars[place...])
      if width > 0 {
        blank += String(scalars: scalars[place..<place + width])
        place += width
        continue
      }
      let end = (place..<scalars.count).first { blankWidth(scalars[$0...]) > 0 } ?? scalars.count
      for piece in pieces(scalars[place..<end]) {
        words.append(Word(String(scalars: piece), blank: blank))
        blank = ""
      }
      place = end
    }
    return (words, blank)
  }

  /// How many scalars of blanks there are at the beginning.
  private static func blankWidth(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
    guard let first = scalars.first else { return 0 }
    if first.properties.isWhitespace { return 1 }
    guard first == "<", String(scalars: scalars.prefix(3)).lowercased() == "<br" else { return 0 }
    let rest = scalars.dropFirst(3).drop { $0 == " " || $0 == "/" }
    return rest.first == ">" ? rest.startIndex - scalars.startIndex + 1 : 0
  }

  /// Cuts marks and clitics off what stands between two blanks.
  private static func pieces(_ chunk: ArraySlice<Unicode.Scalar>) -> [ArraySlice<Unicode.Scalar>] {
    var (pieces, rest): ([ArraySlice<Unicode.Scalar>], _) = ([], chunk)
    while !rest.isEmpty {
      let marks = isWhole(rest) ? rest.prefix(0) : rest.prefix { Word.opening.contains($0) }
      if !marks.isEmpty, marks.count < rest.count {
        pieces += runs(marks)
        rest = rest[marks.endIndex...]
      } else if let seam = seam(of: rest) {
        pieces += core(rest[..<seam.lowerBound]) + [rest[seam]]
        rest = rest[seam.upperBound...]
      } else {
        pieces += core(rest)
        break
      }
    }
    return pieces
  }

  /// A word, its clitic, and the marks after it.
  private static func core(_ chunk: ArraySlice<Unicode.Scalar>) -> [ArraySlice<Unicode.Scalar>] {
    var end = chunk.endIndex
    while end > chunk.startIndex, Word.closing.contains(chunk[end - 1]), !isWhole(chunk[..<end]) {
      end -= 1
    }
    return (end > chunk.startIndex ? clitics(chunk[..<end]) : []) + runs(chunk[end...])
  }

  /// Marks that stand together, such as "?!" or "...", and others one by one.
  private static func runs(_ marks: ArraySlice<Unicode.Scalar>) -> [ArraySlice<Unicode.Scalar>] {
    var (runs, rest): ([ArraySlice<Unicode.Scalar>], _) = ([], marks)
    while let first = rest.first {
      let isStop = Word.stops.contains(first)
      let run = rest.prefix { isStop ? Word.stops.contains($0) : $0 == first && first != "," }
      runs.append(run.isEmpty ? rest.prefix(1) : run)
      rest = rest.dropFirst(run.isEmpty ? 1 : run.count)
    }
    return runs
  }

  /// A dash or an ellipsis with words on both sides, or on one.
  private static func seam(of chunk: ArraySlice<Unicode.Scalar>) -> Range<Int>? {
    guard !isWhole(chunk) else { return nil }
    var start = chunk.startIndex
    while start < chunk.endIndex {
      let mark = chunk[start]
      let run = chunk[start...].prefix { $0 == mark }
      let isSeam =
        (mark == "-" || mark == ".") && run.count > 1 || "—–…".unicodeScalars.contains(mark)
      if isSeam, run.count < chunk.count, mark == "-" || run.endIndex < chunk.endIndex {
        return start..<run.endIndex
      }
      start = run.endIndex
    }
    return nil
  }

  private static func clitics(_ chunk: ArraySlice<Unicode.Scalar>) -> [ArraySlice<Unicode.Scalar>] {
    let key = Word(String(scalars: chunk)).key
    guard let clitic = Vocabulary.clitics.first(where: { key.hasSuffix($0) && key != $0 }) else {
      return [chunk]
    }
    let seam = chunk.endIndex - clitic.unicodeScalars.count
    return seam > chunk.startIndex ? [chunk[..<seam], chunk[seam...]] : [chunk]
  }

  /// Whether nothing may be cut off: clitics that stand alone, brackets, abbreviations, initials,
  /// and "&amp;".
  private static func isWhole(_ chunk: ArraySlice<Unicode.Scalar>) -> Bool {
    guard chunk.count <= 12 else { return false }
    let key = Word(String(scalars: chunk)).key
    if Vocabulary.clitics.contains(key) || Word.brackets.contains(key) { return true }
    if chunk.first == "&", chunk.last == ";" { return true }
    guard chunk.last == ".", chunk.count > 1 else { return false }
    let head = chunk.dropLast()
    return Vocabulary.abbreviations.contains(key)
      || head.count == 1 && head.allSatisfy(\.properties.isAlphabetic)
      || head.contains(".") && head.allSatisfy { $0 == "." || $0.properties.isAlphabetic }
        && head.last != "."
  }
}

extension String {
  fileprivate init(scalars: ArraySlice<Unicode.Scalar>) {
    var view = UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }
}
