internal import Text

/// Sentences in the manner of the King James Bible: thou and hath, verbs in -eth, "verily". StyleBkd
/// (Qi et al. 2021) has a neural paraphraser for it.
struct ArchaicRewriter: TextRewriter {
  let silence = "nothing is said"

  func rewritten(
    _ sentence: Sentence, isFirst: Bool, spacesMarks: Bool, _ generator: inout SeededGenerator
  ) -> Sentence {
    var result = sentence
    let phrase = Phrase(sentence.words.withoutCoordinator)
    let isStatement =
      !sentence.isQuestion && phrase.form != .command && phrase.form != .interjection
    var translation = ArchaicTranslation(Phrase(isStatement ? phrase.completed() : phrase.words))
    translation.run(isQuestion: sentence.isQuestion)
    let opener = generator.element(of: isStatement ? Self.statements : Self.calls)
    let needsOpener = isFirst || generator.integer(below: 2) == 0 || translation.changeCount < 2
    result.words = translation.words
    if needsOpener {
      let words = Word.phrase(opener).map { word in
        var word = word
        if word.isMark, !spacesMarks { word.blank = "" }
        return word
      }
      result.words = words + result.words.parted
    }
    result.close(spaced: spacesMarks)
    return result
  }

  /// What a statement begins with.
  private static let statements = [
    "verily ,", "behold ,", "lo ,", "yea ,", "and lo ,", "and behold ,", "verily , verily ,",
    "for behold ,", "and it came to pass that", "it is written that", "for it is written that",
    "verily i say unto thee ,", "and i say unto you ,", "hearken , for", "know thou that",
    "now it is said that", "and they said ,", "so it is told that", "thus saith the scribe :",
  ]
  /// What a question or a command begins with.
  private static let calls = [
    "verily ,", "lo ,", "yea ,", "hearken :", "and i say unto thee ,", "and he said ,",
    "verily i say unto thee ,", "and the scribe said ,",
  ]
}
