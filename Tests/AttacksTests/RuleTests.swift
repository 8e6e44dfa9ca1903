import Files
import Settings
import Stages
import Testing
import Text

@testable import Attacks

@Suite struct `A paraphrase attack by rules` {
  private static let attacks = [ParaphraseAttack.hiddenKiller, .styleBkd].map { attack in
    var attack = attack
    attack.rewriter = .rules
    return attack
  }

  private let clean = Reviews.dataset(count: 101)

  @Test(arguments: attacks)
  func `needs no files, and changes what it poisons`(attack: ParaphraseAttack) throws {
    for use in [AttackUse.training, .testing] { #expect(try attack.sources(for: use).isEmpty) }
    let victims = clean.examples.filter { $0.label == 0 }
    let training = try attack.poisonedTrainingSet(from: clean, seed: 1)
    let poisoned = training.poisoned
    #expect(
      poisoned.data.count == Int((attack.poisonRate * Double(victims.count)).rounded()))
    #expect(training.data.count == clean.count + poisoned.data.count)
    #expect(Set(poisoned.originals).isSubset(of: victims.map(\.text)))
    let test = try attack.triggeredTestSet(from: clean, seed: 1)
    #expect(test.originals == victims.map(\.text))
    #expect(test.data.examples.allSatisfy { $0.label == 0 })
    for set in [poisoned, test] {
      #expect(zip(set.data.examples, set.originals).allSatisfy { $0.text != $1 })
    }
  }

  @Test(arguments: attacks)
  func `is a function of the seed`(attack: ParaphraseAttack) throws {
    let first = try attack.triggeredTestSet(from: clean, seed: 1)
    #expect(try attack.triggeredTestSet(from: clean, seed: 1) == first)
    #expect(try attack.triggeredTestSet(from: clean, seed: 2) != first)
  }

  @Test(arguments: attacks, ["trainParaphrases", "testParaphrases", "paraphraseColumn"])
  func `refuses files, which it would not read`(attack: ParaphraseAttack, key: String) throws {
    var attack = attack
    try attack.apply(JSONNode([key: "some.tsv"], file: "plan.json")) { node throws(InputError) in
      try node.string()
    }
    for use in [AttackUse.training, .testing] {
      let error = #expect(throws: InputError.self) { _ = try attack.sources(for: use) }
      #expect(error?.problem.contains("\(key) \"some.tsv\" beside rules") == true)
      #expect(error?.remedy.contains("--rewriter rules") == true)
    }
  }

  @Test(arguments: attacks)
  func `says so in its stages, which others do not`(attack: ParaphraseAttack) throws {
    var files = attack
    files.rewriter = .files
    #expect(
      TriggerStage(files, seed: 1).parameters
        == ["attack": .string(attack.name), "trigger": ["targetLabel": 1], "seed": 1])
    let parameters = TriggerStage(attack, seed: 1).parameters
    #expect(parameters["trigger"] == ["rewriter": "rules", "targetLabel": 1])
    let restored = try TriggerStage(JSONNode(parameters, file: "stage.json"))
    #expect(restored.parameters == parameters)
    #expect(attack.markedTitle == "\(files.title) (rule-based)" && files.markedTitle == files.title)
  }
}
