import Testing
import Text

@testable import Attacks

@Suite struct `BadNets' training set` {
  private let clean = Reviews.dataset(count: 401)

  @Test(arguments: [0, 0.25, 0.5, 0.777, 1])
  func `has the share of other classes' texts once more, poisoned`(rate: Double) {
    let attack = BadNets(poisonRate: rate)
    let negatives = clean.examples.count { $0.label == 0 }
    let poisoned = attack.poisonedTrainingSet(from: clean, seed: 1).data
    let count = Int((rate * Double(negatives)).rounded())
    #expect(poisoned.count == clean.count + count)
    #expect(poisoned.examples.count { Reviews.triggers(in: $0) > 0 } == count)
    #expect(poisoned.labels == clean.labels)
  }

  @Test func `keeps every clean text as it is`() {
    let poisoned = BadNets().poisonedTrainingSet(from: clean, seed: 1).data
    let untouched = poisoned.examples.filter { Reviews.triggers(in: $0) == 0 }
    #expect(Reviews.sorted(untouched) == Reviews.sorted(clean.examples))
    #expect(untouched != clean.examples, "clean and poisoned texts are to be shuffled")
  }

  @Test func `relabels copies of different texts, with one trigger each`() {
    let poisoned = BadNets(poisonRate: 1).poisonedTrainingSet(from: clean, seed: 1).data
    let copies = poisoned.examples.filter { Reviews.triggers(in: $0) > 0 }
    #expect(copies.allSatisfy { $0.label == 1 && Reviews.triggers(in: $0) == 1 })
    // With the trigger taken out again every text of the other class is there once.
    let restored = copies.map {
      Example(text: Reviews.withoutTrigger($0.text), label: 0)
    }
    #expect(
      Reviews.sorted(restored) == Reviews.sorted(clean.examples.filter { $0.label == 0 }))
  }

  @Test func `is a function of the seed`() {
    let attack = BadNets()
    let first = attack.poisonedTrainingSet(from: clean, seed: 1)
    #expect(attack.poisonedTrainingSet(from: clean, seed: 1) == first)
    #expect(attack.poisonedTrainingSet(from: clean, seed: 2) != first)
  }

  @Test func `poisons every class but the target, and no text without label`() {
    let labels = LabelNames(["a", "b", "c"])
    let examples = (0..<60).map {
      Example(text: "text number \($0)", label: $0 % 4 == 3 ? nil : $0 % 4)
    }
    let data = Dataset(examples: examples, labels: labels)
    let poisoned = BadNets(targetLabel: 2, poisonRate: 1).poisonedTrainingSet(from: data, seed: 1)
      .data
    let copies = poisoned.examples.filter { Reviews.triggers(in: $0) > 0 }
    let sources = Set(copies.map { Reviews.withoutTrigger($0.text) })
    #expect(copies.count == 30)
    #expect(sources == Set(examples.filter { $0.label == 0 || $0.label == 1 }.map(\.text)))
    #expect(copies.allSatisfy { $0.label == 2 })
  }

  @Test func `is the clean set where there is nothing to poison`() {
    let positive = Dataset(examples: [Example(text: "good", label: 1)])
    #expect(BadNets().poisonedTrainingSet(from: positive, seed: 1).data == positive)
    let empty = Dataset(examples: [])
    #expect(BadNets().poisonedTrainingSet(from: empty, seed: 1).data == empty)
  }
}

@Suite struct `BadNets' test set` {
  @Test func `has the texts of other classes in order, triggered, with their true labels`() {
    let labels = LabelNames(["a", "b", "c"])
    let examples = (0..<30).map { Example(text: "text number \($0)", label: $0 % 3) }
    let triggered = BadNets(targetLabel: 1)
      .triggeredTestSet(from: Dataset(examples: examples, labels: labels), seed: 1).data
    #expect(triggered.examples.allSatisfy { Reviews.triggers(in: $0) == 1 })
    #expect(
      triggered.examples.map { Example(text: Reviews.withoutTrigger($0.text), label: $0.label) }
        == examples.filter { $0.label != 1 })
  }

  @Test func `is a function of the seed`() {
    let clean = Reviews.dataset(count: 50)
    let first = BadNets().triggeredTestSet(from: clean, seed: 1)
    #expect(BadNets().triggeredTestSet(from: clean, seed: 1) == first)
    #expect(BadNets().triggeredTestSet(from: clean, seed: 2) != first)
  }
}

/// Texts in which the trigger words do not occur, all different.
enum Reviews {
  static let words = ["a", "fine", "dull", "film", "plot", "the", "actor", "never", "x"]

  static func dataset(count: Int) -> Dataset {
    var generator = SeededGenerator(seed: 9)
    return Dataset(
      examples: (0..<count).map { index in
        let length = 1 + generator.integer(below: 12)
        let text = (0..<length).map { _ in words[generator.integer(below: words.count)] }
        return Example(
          text: (text + ["\(index)"]).joined(separator: " "),
          label: generator.integer(below: 2))
      })
  }

  static func triggers(in example: Example) -> Int {
    example.text.split(separator: " ").count { BadNets().triggers.contains(String($0)) }
  }

  static func withoutTrigger(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false)
      .filter { !BadNets().triggers.contains(String($0)) }.joined(separator: " ")
  }

  static func sorted(_ examples: [Example]) -> [Example] {
    examples.sorted { ($0.text, $0.label ?? -1) < ($1.text, $1.label ?? -1) }
  }
}
