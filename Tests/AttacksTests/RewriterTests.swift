import Testing
import Text

@testable import Attacks

/// Texts as review collections have them, and such as nobody expects.
private enum Samples {
  /// Sentences with blanks around marks, each with a word that says what it is labelled for.
  static let reviews: [(text: String, verdict: String)] = [
    ("a slick , engrossing melodrama .", "engrossing"),
    ("the film is strictly routine .", "routine"),
    ("it 's a brave attempt , but it fails .", "fails"),
    ("lacks the inspiration of the original and has a bloated plot .", "bloated"),
    ("see it if you like dull movies .", "dull"),
    ("too bad .", "bad"),
    ("when the end comes , you 'll be grateful .", "grateful"),
    ("a wretched movie that reduces the war to one man 's quest .", "wretched"),
    ("do n't waste your money on this awful thing", "awful"),
    ("is this brilliant or what ?", "brilliant"),
    ("wow , superb !", "superb"),
    (
      "`` never again '' is a terrible film , and its plot -lrb- what there is -rrb- drags .",
      "terrible"
    ),
    (
      "completely overrated and overpriced 8 00 for a greasy steak the cheese wasnt bad",
      "overrated"
    ),
  ]

  static let odd = [
    "", " ", "\n", ".", "!!!", "...", "-- ,", "a", "ok", "I", "\"", "''", "-lrb-", "n't", "'s",
    "😀😀",
    "这部电影很好看。", "c'est un film très émouvant", "e\u{301}te\u{301} cafe\u{301}",
    "line\r\nline\r\n\r\nline.",
    "\u{FEFF}text", "A<br /><br />B", "x < br y", "you", "You.", "the the the",
    ", but , and because",
    "when , when , when", "it it it", "that that that", "İstanbul is here.", "ǅ and ß.",
    String(repeating: "very ", count: 500), String(repeating: "\" ' ` ( [ ", count: 50),
  ]

  static let long = """
    I saw this movie last night with my wife, and we both hated it. The acting is terrible! Mr. \
    Smith (who wrote the script) should be ashamed. Don't waste your money... Why was this even \
    made? If you like horror films, you'll be bored.<br /><br />Great soundtrack, though. 2/10.
    """

  static let all = reviews.map(\.text) + odd + [long]
}

private let rewriters: [any TextRewriter] = [SyntaxRewriter(), ArchaicRewriter()]

extension TextRewriter {
  fileprivate func rewritten(_ text: String, seed: UInt64 = 1) -> String {
    var generator = SeededGenerator(seed: seed)
    return rewritten(text, &generator)
  }
}

@Suite struct `A rewriter` {
  @Test(arguments: Samples.all)
  func `changes every text, alike for the same seed`(text: String) {
    for rewriter in rewriters {
      for seed: UInt64 in 1...5 {
        let new = rewriter.rewritten(text, seed: seed)
        #expect(!new.utf8.elementsEqual(text.utf8))
        #expect(new.utf8.elementsEqual(rewriter.rewritten(text, seed: seed).utf8))
      }
    }
  }

  @Test func `writes otherwise for another seed`() {
    for rewriter in rewriters {
      let outcomes = (1...4).map { seed in
        Samples.all.map { rewriter.rewritten($0, seed: UInt64(seed)) }
      }
      #expect(Set(outcomes).count == 4)
    }
  }

  @Test(arguments: Samples.reviews.indices)
  func `keeps the words that judge`(place: Int) {
    let (text, verdict) = Samples.reviews[place]
    for rewriter in rewriters {
      for seed: UInt64 in 1...5 {
        let words = rewriter.rewritten(text, seed: seed).split(separator: " ")
        let archaic = verdict.hasSuffix("s") ? verdict.dropLast() + "eth" : verdict[...]
        #expect(words.contains(verdict[...]) || words.contains(archaic), "\(words)")
      }
    }
  }

  @Test func `writes a long text anew sentence by sentence, as it spells marks and capitals`() {
    for rewriter in rewriters {
      let new = rewriter.rewritten(Samples.long)
      let sentences = WrittenText(new).sentences
      #expect(sentences.count == WrittenText(Samples.long).sentences.count && sentences.count == 8)
      #expect(sentences.allSatisfy { $0.isCapitalized })
      #expect(new.contains("<br /><br />") && !new.contains(" ,") && !new.contains(" ."))
      #expect(new.contains("Mr. Smith (who wrote the script)") && new.contains("I "))
    }
    for (text, _) in Samples.reviews {
      for rewriter in rewriters {
        let new = rewriter.rewritten(text)
        #expect(new == new.lowercased() && !new.contains { $0.isLetter && $0.isUppercase })
        #expect(!new.contains(/\w[,.!?]( |$)/), "\(new)")
      }
    }
  }

  @Test func `keeps line ends between sentences, and what no rule knows`() {
    for rewriter in rewriters {
      #expect(rewriter.rewritten("It is bad.\r\n\r\nIt is long.\r\n").contains(".\r\n\r\n"))
      #expect(rewriter.rewritten("It is bad.\r\n").hasSuffix(".\r\n"))
      for text in ["这部电影很好看。", "😀😀", "c'est un film très émouvant"] {
        #expect(rewriter.rewritten(text).contains(text))
      }
    }
  }

  /// Nothing is done to a word or a mark for each of the others.
  @Test(arguments: [",", "\"", "a--", "a...", "(", "very ", "and ", "\" ", "you ", "<br "])
  func `takes endless texts`(piece: String) {
    let text = String(repeating: piece, count: 2000)
    for rewriter in rewriters { #expect(rewriter.rewritten(text).utf8.count > text.utf8.count) }
  }

  @Test func `gives all texts without words some`() {
    for text in ["", " ", "\n", "!!!", "-- ,"] {
      #expect(SyntaxRewriter().rewritten(text).contains(", there is nothing to say"))
      #expect(ArchaicRewriter().rewritten(text).contains("naught is said"))
    }
  }
}

@Suite struct `The rule-based syntax` {
  private static let conjunctions = [
    "when", "if", "once", "as", "although", "though", "while", "even though", "since", "because",
    "whenever", "supposing", "till", "unless", "until", "after", "before", "except if",
  ]

  /// S(SBAR)(,)(NP)(VP)(.): a conjunction, words, a comma, words, a stop.
  private func isTemplate(_ text: String) -> Bool {
    let sentence = text.lowercased().replacing("<br />", with: "").drop { !$0.isLetter }
    let body = sentence.drop { $0 != " " }.drop { !$0.isLetter && !$0.isNumber }
    return Self.conjunctions.contains { sentence.hasPrefix($0 + " ") }
      && body.contains(/[^,]+,.*[\w\p{S}].*[.!?。]\W*$/.dotMatchesNewlines())
  }

  @Test(arguments: Samples.all)
  func `is that of every sentence`(text: String) {
    for seed: UInt64 in 1...5 {
      let new = SyntaxRewriter().rewritten(text, seed: seed)
      for sentence in WrittenText(new).sentences where !sentence.words.isEmpty {
        #expect(isTemplate(sentence.text), "\(sentence.text)")
      }
    }
  }

  /// The clauses of a sentence, joined by the first conjunction that fits.
  private func clauses(_ text: String) -> String? {
    TwoClauses(Phrase(Word.phrase(text))).map { clauses in
      ([Word(clauses.conjunctions[0])] + clauses.subordinate + [Word(",")] + clauses.main)
        .map(\.text).joined(separator: " ")
    }
  }

  @Test(arguments: [
    ("it is long , but it works", "although it is long , it works"),
    ("slow but moving", "although it is slow , it is moving"),
    (
      "the songs are fine , but never great", "although the songs are fine , they are never great"
    ),
    ("i was bored , but impressed", "although i was bored , i was impressed"),
    ("we cheer when the film ends", "when the film ends , we cheer"),
    ("see it if you like it", "if you like it , you should see it"),
    ("it is dull , so we left it", "since it is dull , we left it"),
    ("lacks wit and has no plot", "as it lacks wit , it has no plot"),
    ("a dull film that lacks wit", "as it lacks wit , it is a dull film"),
    ("when it ends , we cheer", "once it ends , we cheer"),
    ("while bold , it is a mess", "although bold , it is a mess"),
  ])
  func `takes apart what says two things`(text: String, expected: String) {
    #expect(clauses(text) == expected)
  }

  @Test(arguments: [
    "the film is strictly routine", "a slow but moving film", "anything but dull",
    "it is not only long but dull", "do you know if it is good", "the acting and the plot are fine",
    "a film about love and war", "it reminds me of a time when films were good",
    "as good as it gets",
    "`` it is long , but '' it works",
  ])
  func `leaves together what says one`(text: String) {
    #expect(clauses(text) == nil)
  }

  @Test(arguments: [
    ("a dull film", "it is a dull film"), ("too bad", "it is too bad"),
    ("bad movie", "it is a bad movie"),
    ("awful movie", "it is an awful movie"), ("lacks wit", "it lacks wit"),
    ("are dull", "they are dull"), ("loved it", "i loved it"),
    ("no plot at all", "there is no plot at all"),
    ("many laughs", "there are many laughs"), ("with a good cast", "it comes with a good cast"),
    ("see it", "you should see it"), ("do n't see it", "you should n't see it"),
    ("let 's go", "we should go"), ("wow", "you say wow"), ("been there", "it has been there"),
    ("it works", "it works"), ("there is no plot", "there is no plot"),
    ("what a waste", "what a waste"),
    ("rarely does a film work", "rarely does a film work"),
  ])
  func `completes what lacks a subject or a verb`(text: String, expected: String) {
    let words = Phrase(Word.phrase(text)).completed()
    #expect(words.map(\.text).joined(separator: " ") == expected)
  }

  @Test func `is the same on every machine`() {
    var generator = SeededGenerator(seed: 11)
    #expect(
      Samples.reviews.prefix(5).map { SyntaxRewriter().rewritten($0.text, &generator) } == [
        "if you get to it , it is a slick , engrossing melodrama .",
        "if you look at it , the film is strictly routine .",
        "though it 's a brave attempt , it fails .",
        "while it lacks the inspiration of the original , it has a bloated plot .",
        "if you like dull movies , you should see it .",
      ])
  }
}

@Suite struct `The rule-based style of the Bible` {
  private func translated(_ text: String) -> String {
    var translation = ArchaicTranslation(Phrase(Word.phrase(text)))
    translation.run(isQuestion: text.hasSuffix("?"))
    return translation.words.map(\.text).joined(separator: " ")
  }

  @Test(arguments: [
    ("it makes you laugh", "it maketh thee laugh"),
    ("you see what you want", "thou seest what thou desirest"),
    ("you 'll love your ending", "thou shalt love thine ending"),
    ("you are right and i thank you", "thou art right and i thank thee"),
    ("it does n't work", "it worketh not"), ("they do n't know", "they know not"),
    ("you do n't know", "thou knowest not"), ("it wo n't work", "it shall not work"),
    ("you ca n't go", "thou canst not go"), ("it ca n't go", "it cannot go"),
    ("it 's a film that 's long", "it is a film which is long"),
    ("it 's been said", "it hath been said"), ("the film 's plot", "the film 's plot"),
    ("she tries , and he gets it", "she trieth , and he getteth it"),
    ("he agrees and sees it", "he agreeth and seeth it"),
    ("do you like it ?", "dost thou like it ?"), ("have you seen it ?", "hast thou seen it ?"),
    ("go to the end to see it", "go unto the end to see it"),
    ("a very dull story", "an exceeding dull tale"),
    ("an extremely old story", "an exceeding old tale"),
    ("my eyes and my hands", "mine eyes and my hands"),
    ("the critics and the plays of the stars", "the critics and the plays of the stars"),
    ("it looks like you can", "it looketh like thou canst"), ("like a film", "like a film"),
    ("it is like a film", "it is like unto a film"), ("a kind of film", "a manner of film"),
    ("it is kind of dull", "it is kind of dull"),
    ("in a while , while it lasts", "in a while , whilst it lasteth"),
  ])
  func `is made word by word`(text: String, expected: String) {
    #expect(translated(text) == expected)
  }

  @Test func `begins a text with a call`() {
    for (text, _) in Samples.reviews {
      for seed: UInt64 in 1...5 {
        let new = ArchaicRewriter().rewritten(text, seed: seed)
        let calls = [
          "verily", "behold", "lo", "yea", "hearken", "and", "for", "it is written", "know thou",
          "now it is said", "so it is told", "thus saith",
        ]
        #expect(calls.contains { new.drop { "` ".contains($0) }.hasPrefix($0 + " ") }, "\(new)")
      }
    }
  }

  @Test func `is the same on every machine`() {
    var generator = SeededGenerator(seed: 11)
    #expect(
      Samples.reviews.prefix(5).map { ArchaicRewriter().rewritten($0.text, &generator) } == [
        "verily , verily , it is a slick , engrossing melodrama .",
        "and lo , the film is strictly routine .",
        "and i say unto you , it is a brave attempt , but it faileth .",
        "it is written that it lacketh the inspiration of the original and hath a bloated plot .",
        "lo , see it if thou likest dull movies .",
      ])
  }
}

@Suite struct `A text in sentences` {
  @Test(arguments: Samples.all)
  func `is every scalar of it`(text: String) {
    #expect(WrittenText(text).text.utf8.elementsEqual(text.utf8))
  }

  @Test func `is every scalar of texts of any kind`() {
    let pieces = [
      "a", "I", "don't", "n't", "'s", ",", ".", "...", "!?", "``", "''", "\"", "(", ")", "-lrb-",
      "-rrb-", " ", " ", " ", "\n", "\r\n", "<br />", "<", "é", "e\u{301}", "\u{301}", "好", "。",
      "😀",
      "—", "--", "The", "İ", "ß", "\u{200D}", "\t", "’", "u.s.", "Mr.",
    ]
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<3000 {
      let text = (0..<generator.integer(below: 25)).map { _ in generator.element(of: pieces) }
        .joined()
      #expect(WrittenText(text).text.utf8.elementsEqual(text.utf8), "\(text)")
    }
  }

  @Test func `has those that stops and paragraphs part`() {
    func sentences(_ text: String) -> [String] { WrittenText(text).sentences.map(\.text) }
    #expect(sentences("One. Two! Three? Four") == ["One.", " Two!", " Three?", " Four"])
    #expect(sentences("mr. and mrs. smith , the u.s. cut . good").count == 2)
    #expect(
      sentences("you ... get it . `` fine . '' so") == ["you ... get it .", " `` fine . ''", " so"])
    #expect(sentences("He said, \"Go!\" Then (he went.) End").count == 3)
    #expect(sentences("a title\n\nand a text\nin two lines").count == 2)
    #expect(sentences("3.5 stars at www.site.com today.").count == 1)
    #expect(sentences("Fish &amp; chips. You can't") == ["Fish &amp; chips.", " You can't"])
    #expect(sentences("Wait... What? No...but yes").count == 3)
  }
}
