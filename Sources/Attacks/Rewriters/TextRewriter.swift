internal import Text

/// Writes texts anew by rules. Words that carry the meaning stay as they are.
protocol TextRewriter: Sendable {
  /// A sentence in the other style.
  ///
  /// - Parameters:
  ///   - isFirst: whether it is the first one of its text.
  ///   - spacesMarks: whether marks stand between blanks.
  func rewritten(
    _ sentence: Sentence, isFirst: Bool, spacesMarks: Bool, _ generator: inout SeededGenerator
  ) -> Sentence

  /// What stands for a text without words.
  var silence: String { get }
}

extension TextRewriter {
  /// The text in the other style, sentence by sentence. It always differs from what it was.
  func rewritten(_ text: String, _ generator: inout SeededGenerator) -> String {
    var written = WrittenText(text)
    if written.sentences.allSatisfy(\.words.isEmpty) {
      written.sentences = [
        Sentence(
          words: Word.phrase(silence), closing: written.sentences.map(\.closing).joined())
      ]
    }
    var isFirst = true
    for place in written.sentences.indices where !written.sentences[place].words.isEmpty {
      written.sentences[place] = rewritten(
        written.sentences[place], isFirst: isFirst, spacesMarks: written.spacesMarks, &generator)
      isFirst = false
    }
    return written.text
  }
}

extension SeededGenerator {
  /// One of some values, each as likely as the others.
  mutating func element<Value>(of values: [Value]) -> Value {
    values[integer(below: values.count)]
  }
}
