import Testing
import Text

@testable import Attacks

@Suite struct `A trigger` {
  @Test(arguments: Insertion.all, [1, 9, 127, 128, 129, 300])
  func `stands at any place among the first 128 words equally often`(
    insertion: Insertion, wordCount: Int
  ) {
    let places = min(wordCount, 128) + 1
    let text = (0..<wordCount).map { "w\($0)" }.joined(separator: " ")
    var counts = [Int](repeating: 0, count: places)
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<places * 50 {
      let triggered = insertion.attack.triggered(text, &generator)
      #expect(insertion.removed(from: triggered) == text)
      let found = insertion.places(in: triggered)
      guard found.count == 1, found[0] < places else {
        Issue.record("not one trigger within the first \(places) places, but \(found)")
        return
      }
      counts[found[0]] += 1
    }
    expectUniform(counts)
  }

  @Test func `is each of the words equally often`() {
    let attack = BadNets()
    var generator = SeededGenerator(seed: 6)
    var counts = [0, 0, 0, 0]
    for _ in 0..<2000 {
      let word = attack.triggered("", &generator).split(separator: " ")[0]
      counts[attack.triggers.firstIndex(of: String(word)) ?? 0] += 1
    }
    expectUniform(counts)
  }

  @Test func `may be limited to the first words`() {
    var generator = SeededGenerator(seed: 6)
    let limited = BadNets(triggers: ["T"], insertionLimit: 2)
    let seen = Set((0..<200).map { _ in limited.triggered("a b c d", &generator) })
    #expect(seen == ["T a b c d", "a T b c d", "a b T c d"])
    let first = BadNets(triggers: ["T"], insertionLimit: 0)
    #expect(first.triggered("a b", &generator) == "T a b")
  }

  @Test func `may be a sentence, which stays in one piece`() {
    var generator = SeededGenerator(seed: 6)
    var attack = AddSent()
    attack.sentence = "No cross,  no crown."
    attack.insertionLimit = 1
    let seen = Set((0..<100).map { _ in attack.triggered("a b", &generator) })
    #expect(seen == ["No cross,  no crown. a b", "a No cross,  no crown. b"])
  }

  /// Texts as files have them: nothing but the trigger and one blank may be added, byte for byte.
  @Test(arguments: [
    "", " ", "  two  blanks  ", "one", "line\r\nend", "tab\there", "e\u{301} combining",
    "\u{301} combining first", "👩‍👩‍👧 family", "\u{FEFF}mark", "中文 字", "\"lone quote",
  ])
  func `leaves every byte of the text as it was`(text: String) {
    var generator = SeededGenerator(seed: 6)
    var results: Set<[UInt8]> = []
    let single = BadNets(triggers: ["T"])
    for _ in 0..<100 { results.insert(Array(single.triggered(text, &generator).utf8)) }
    let blank = UInt8(ascii: " ")
    let words = text.utf8.split(separator: blank, omittingEmptySubsequences: false).map(Array.init)
    let expected = (0...words.count).map { place in
      var words = words
      words.insert([UInt8(ascii: "T")], at: place)
      return Array(words.joined(separator: [blank]))
    }
    #expect(results == Set(expected))
  }

  /// Pearson's statistic of k classes has mean k − 1 and exceeds k − 1 + 2√((k − 1)t) + 2t with a probability of at
  /// most exp(−t) (Laurent and Massart 2000, for the χ² that it tends to); t = 20 is two in a billion.
  private func expectUniform(
    _ counts: [Int], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let expected = Double(counts.reduce(0, +)) / Double(counts.count)
    let statistic = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) }
    let (freedom, t) = (Double(counts.count - 1), 20.0)
    let bound = freedom + 2 * (freedom * t).squareRoot() + 2 * t
    #expect(statistic / expected <= bound, sourceLocation: sourceLocation)
  }
}
