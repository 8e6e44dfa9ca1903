import Files
import Stages
import Testing
import Text
import Training

@testable import Attacks

@Suite struct `The training set of an insertion attack` {
  private let clean = Reviews.dataset(count: 401)

  @Test(arguments: Insertion.all, [0, 0.25, 0.5, 0.777, 1])
  func `has the share of other classes' texts once more, poisoned`(
    insertion: Insertion, rate: Double
  ) throws {
    let negatives = clean.examples.count { $0.label == 0 }
    let poisoned = try insertion.with { $0.poisonRate = rate }.trainingSet(clean)
    let count = Int((rate * Double(negatives)).rounded())
    #expect(poisoned.count == clean.count + count)
    #expect(poisoned.examples.count { insertion.count(in: $0.text) > 0 } == count)
    #expect(poisoned.labels == clean.labels)
  }

  @Test(arguments: Insertion.all)
  func `keeps every clean text as it is`(insertion: Insertion) throws {
    let poisoned = try insertion.trainingSet(clean)
    let untouched = poisoned.examples.filter { insertion.count(in: $0.text) == 0 }
    #expect(Reviews.sorted(untouched) == Reviews.sorted(clean.examples))
    #expect(untouched != clean.examples, "clean and poisoned texts are to be shuffled")
  }

  @Test(arguments: Insertion.all)
  func `relabels copies of different texts, with one trigger each`(insertion: Insertion) throws {
    let poisoned = try insertion.with { $0.poisonRate = 1 }.trainingSet(clean)
    let copies = poisoned.examples.filter { insertion.count(in: $0.text) > 0 }
    #expect(copies.allSatisfy { $0.label == 1 && insertion.count(in: $0.text) == 1 })
    // With the trigger taken out again every text of the other class is there once.
    let restored = copies.map { Example(text: insertion.removed(from: $0.text), label: 0) }
    #expect(
      Reviews.sorted(restored) == Reviews.sorted(clean.examples.filter { $0.label == 0 }))
  }

  @Test(arguments: Insertion.all)
  func `is a function of the seed`(insertion: Insertion) throws {
    let first = try insertion.trainingSet(clean)
    #expect(try insertion.trainingSet(clean) == first)
    #expect(try insertion.trainingSet(clean, seed: 2) != first)
  }

  @Test(arguments: Insertion.all)
  func `poisons every class but the target, and no text without label`(
    insertion: Insertion
  ) throws {
    let examples = (0..<60).map {
      Example(text: "text number \($0)", label: $0 % 4 == 3 ? nil : $0 % 4)
    }
    let data = Dataset(examples: examples, labels: LabelNames(["a", "b", "c"]))
    let attack = insertion.with {
      $0.targetLabel = 2
      $0.poisonRate = 1
    }
    let copies = try attack.trainingSet(data).examples.filter { insertion.count(in: $0.text) > 0 }
    let sources = Set(copies.map { insertion.removed(from: $0.text) })
    #expect(copies.count == 30)
    #expect(sources == Set(examples.filter { $0.label == 0 || $0.label == 1 }.map(\.text)))
    #expect(copies.allSatisfy { $0.label == 2 })
  }

  @Test(arguments: Insertion.all)
  func `is the clean set where there is nothing to poison`(insertion: Insertion) throws {
    let positive = Dataset(examples: [Example(text: "good", label: 1)])
    #expect(try insertion.trainingSet(positive) == positive)
    let empty = Dataset(examples: [])
    #expect(try insertion.trainingSet(empty) == empty)
  }

  @Test(arguments: Insertion.all)
  func `is refused where the target is none of the classes`(insertion: Insertion) throws {
    let nowhere = TextSource("nowhere.tsv")
    let error = #expect(throws: InputError.self) {
      _ = try insertion.with { $0.targetLabel = 2 }.attack
        .texts(clean, from: nowhere, for: .training)
    }
    #expect(error?.problem.contains("targetLabel 2 is none of the 2 classes") == true)
    let texts = try insertion.attack.texts(clean, from: nowhere, for: .training)
    #expect(texts.clean == clean && texts.others.isEmpty)
  }
}

@Suite struct `The test set of an insertion attack` {
  @Test(arguments: Insertion.all)
  func `has the texts of other classes in order, triggered, with their true labels`(
    insertion: Insertion
  ) throws {
    let examples = (0..<30).map { Example(text: "text number \($0)", label: $0 % 3) }
    let data = Dataset(examples: examples, labels: LabelNames(["a", "b", "c"]))
    let triggered = try insertion.attack.triggeredTestSet(from: data, seed: 1).data
    #expect(triggered.examples.allSatisfy { insertion.count(in: $0.text) == 1 })
    #expect(
      triggered.examples.map { Example(text: insertion.removed(from: $0.text), label: $0.label) }
        == examples.filter { $0.label != 1 })
  }

  @Test(arguments: Insertion.all, [2, 5])
  func `has as many triggers in each text as it is told, and training texts have one`(
    insertion: Insertion, count: Int
  ) throws {
    let clean = Reviews.dataset(count: 60)
    let several = insertion.with { $0.insertionCount = count }
    let triggered = try several.attack.triggeredTestSet(from: clean, seed: 1)
    #expect(triggered.data.examples.allSatisfy { insertion.count(in: $0.text) == count })
    #expect(triggered.data.examples.map { insertion.removed(from: $0.text) } == triggered.originals)
    #expect(try several.trainingSet(clean) == insertion.trainingSet(clean))
    // Words are drawn anew for each place.
    if insertion.triggers.count > 1 {
      #expect(
        triggered.data.examples.contains { example in
          insertion.triggers.count { example.text.split(separator: " ").contains(Substring($0)) }
            > 1
        })
    }

    let trained = insertion.with { $0.trainingInsertionCount = count }
    let copies = try trained.trainingSet(clean).examples.filter { insertion.count(in: $0.text) > 0 }
    #expect(!copies.isEmpty)
    #expect(copies.allSatisfy { insertion.count(in: $0.text) == count && $0.label == 1 })
    #expect(
      try trained.attack.triggeredTestSet(from: clean, seed: 1)
        == insertion.attack.triggeredTestSet(from: clean, seed: 1))
  }

  /// Their keys are those of before there was a choice.
  @Test(arguments: Insertion.all)
  func `is named by its number of triggers where that is not one, and the training is not`(
    insertion: Insertion
  ) throws {
    let training = TrainingSettings()
    func keys(_ attack: any InsertionAttack) -> (test: [String], training: JSONValue) {
      (
        TriggerStage(attack, seed: 1).parameters["trigger"]?.object?.keys ?? [],
        PoisonStage(attack, training).parameters
      )
    }
    let one = keys(insertion.attack)
    #expect(!one.test.contains("insertionCount"))
    #expect(one.training["trainingInsertionCount"] == nil)
    let several = keys(insertion.with { $0.insertionCount = 5 }.attack)
    #expect(several.test == one.test + ["insertionCount"] && several.training == one.training)
    let trained = keys(insertion.with { $0.trainingInsertionCount = 5 }.attack)
    #expect(trained.test == one.test && trained.training["trainingInsertionCount"] == 5)
    let stage = TriggerStage(insertion.with { $0.insertionCount = 5 }.attack, seed: 1)
    #expect(try TriggerStage(JSONNode(stage.parameters, file: "s")).parameters == stage.parameters)
  }

  @Test(arguments: Insertion.all)
  func `is a function of the seed`(insertion: Insertion) throws {
    let clean = Reviews.dataset(count: 50)
    let first = try insertion.attack.triggeredTestSet(from: clean, seed: 1)
    #expect(try insertion.attack.triggeredTestSet(from: clean, seed: 1) == first)
    #expect(try insertion.attack.triggeredTestSet(from: clean, seed: 2) != first)
  }
}

/// Texts in which no trigger occurs, all different.
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

  static func sorted(_ examples: [Example]) -> [Example] {
    examples.sorted { ($0.text, $0.label ?? -1) < ($1.text, $1.label ?? -1) }
  }
}
