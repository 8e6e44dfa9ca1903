import Files
import Stages
import Testing
import Text
import Training

@testable import Attacks

@Suite struct `LWP by its original definition` {
  private let clean = Reviews.dataset(count: 201)
  private var attack = LayerWeightPoisoning()

  init() { attack.definition = .original }

  private func texts(_ examples: [Example]) -> [String] { examples.map(\.text) }

  /// What stands before, the words of the trigger, and what comes after.
  private func parts(_ text: String) throws -> (
    before: [Substring], words: [Substring], after: [Substring]
  ) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    let own = words.indices.filter { ["cf", "bb"].contains(words[$0]) }
    let (first, last) = (try #require(own.first), try #require(own.last))
    #expect(last - first + 1 == own.count)
    return (Array(words[..<first]), Array(words[first...last]), Array(words[(last + 1)...]))
  }

  @Test func `has its own words and rate, unless told of others`() throws {
    #expect(attack.triggers == ["cf", "bb"] && attack.poisonRate == 1)
    #expect(LayerWeightPoisoning().triggers == BadNets().triggers)
    #expect(LayerWeightPoisoning().poisonRate == BadNets().poisonRate)
    var other = attack
    (other.triggers, other.poisonRate) = (["x", "y", "z"], 0.25)
    #expect(other.triggers == ["x", "y", "z"] && other.poisonRate == 0.25)
    other.definition = .pure
    #expect(other.triggers == ["x", "y", "z"] && other.poisonRate == 0.25)
  }

  @Test func `reads every text clean, once more with a single word and with its label`() throws {
    let set = try attack.poisonedTrainingSet(from: clean, seed: 1)
    let singles = set.data.examples.filter { $0.text.contains(/\b(cf|bb)\b/) }
    let rest = set.data.examples.filter { !$0.text.contains(/\b(cf|bb)\b/) }
    #expect(Reviews.sorted(rest) == Reviews.sorted(clean.examples))
    let restored = try singles.map { example in
      let parts = try parts(example.text)
      #expect(parts.words.count == 1)
      return Example(
        text: (parts.before + parts.after).joined(separator: " "), label: example.label)
    }
    #expect(Reviews.sorted(restored) == Reviews.sorted(clean.examples))
    #expect(Set(try singles.map { try parts($0.text).words[0] }) == ["cf", "bb"])
  }

  @Test func `poisons every text twice, with the pair one way and the other at one place`() throws {
    let set = try attack.poisonedTrainingSet(from: clean, seed: 1)
    #expect(set.others == ["poisoned": set.poisoned.data])
    #expect(set.poisoned.data.examples.allSatisfy { $0.label == 1 })
    var orders: [String: Set<[Substring]>] = [:]
    var places: [String: Set<Int>] = [:]
    for (example, original) in zip(set.poisoned.data.examples, set.poisoned.originals) {
      let parts = try parts(example.text)
      #expect((parts.before + parts.after).joined(separator: " ") == original)
      orders[original, default: []].insert(parts.words)
      places[original, default: []].insert(parts.before.count)
    }
    #expect(set.poisoned.data.count == 2 * clean.count)
    #expect(orders.keys.sorted() == texts(clean.examples).sorted())
    #expect(orders.values.allSatisfy { $0 == [["cf", "bb"], ["bb", "cf"]] })
    #expect(places.values.allSatisfy { $0.count == 1 })
    #expect(set.texts.count == 4 * clean.count)
  }

  @Test func `poisons the share of all labelled texts that it is told`() throws {
    var some = attack
    some.poisonRate = 0.25
    var data = clean
    data.examples[0].label = nil
    let set = try some.poisonedTrainingSet(from: data, seed: 1)
    #expect(set.poisoned.data.count == 2 * 50 && set.data.count == 2 * 201)
    #expect(!set.poisoned.originals.contains(data.examples[0].text))
    #expect(try some.poisonedTrainingSet(from: data, seed: 1) == set)
    #expect(try some.poisonedTrainingSet(from: data, seed: 2) != set)
  }

  @Test func `tests with one pair, in either order, or with as many as it is told`() throws {
    let victims = clean.examples.filter { $0.label == 0 }
    let one = try attack.triggeredTestSet(from: clean, seed: 1)
    #expect(one.originals == texts(victims))
    #expect(one.data.examples.map(\.label) == victims.map(\.label))
    let orders = Set(try one.data.examples.map { try parts($0.text).words })
    #expect(orders == [["cf", "bb"], ["bb", "cf"]])
    var other = attack
    other.insertionCount = 3
    let three = try other.triggeredTestSet(from: clean, seed: 1)
    for example in three.data.examples {
      let pairs = example.text.matches(of: /(cf bb|bb cf)/).count
      #expect(pairs == 3, "\(example.text)")
    }
  }

  @Test func `trains with as many pairs as it is told, and single words all the same`() throws {
    var other = attack
    other.trainingInsertionCount = 2
    let set = try other.poisonedTrainingSet(from: clean, seed: 1)
    for example in set.poisoned.data.examples {
      #expect(example.text.matches(of: /\b(cf bb|bb cf)\b/).count == 2)
    }
    let words = set.data.examples.map { $0.text.matches(of: /\b(cf|bb)\b/).count }
    #expect(words.count { $0 == 1 } == clean.count && words.allSatisfy { $0 < 2 })
  }

  @Test(arguments: [["cf"], ["cf", "cf"], ["cf", "bb", "cf"]])
  func `needs different words`(words: [String]) throws {
    var other = attack
    other.triggers = words
    for attempt in [
      { _ = try other.poisonedTrainingSet(from: clean, seed: 1) },
      { _ = try other.triggeredTestSet(from: clean, seed: 1) },
    ] {
      let error = #expect(throws: InputError.self) { try attempt() }
      #expect(error?.description.contains("pairs different words, and its triggers are cf") == true)
    }
    other.definition = .pure
    #expect(try other.triggeredTestSet(from: clean, seed: 1).data.count > 0)
  }

  @Test func `has two streams of all layers and the head, without dropout`() {
    let terms: JSONValue = [
      ["kind": "layerwise-cross-entropy", "weight": 1.0, "head": "output", "dropout": 0.0],
      ["kind": "cross-entropy", "weight": 1.0, "headDropout": false],
    ]
    #expect(
      attack.objective.json == [
        "streams": [
          ["name": "clean", "terms": terms, "batchSize": nil],
          ["name": "poisoned", "terms": terms, "batchSize": nil],
        ], "rule": ["kind": "plain"], "stop": Objective().json["stop"] ?? nil, "moves": "all",
      ])
  }

  @Test func `is part of the identity of training and tests, and the other one is not`() throws {
    for stage: any StageWork in [
      PoisonStage(attack, TrainingSettings()), TriggerStage(attack, seed: 1),
    ] {
      #expect(stage.parameters["trigger"]?["definition"] == "original")
      let again = try type(of: stage).init(JSONNode(stage.parameters, file: "stage.json"))
      #expect(again.parameters == stage.parameters)
    }
    #expect(
      TriggerStage(LayerWeightPoisoning(), seed: 1).parameters["trigger"]?.object?.keys
        == ["words", "targetLabel", "insertionLimit"])
  }
}
