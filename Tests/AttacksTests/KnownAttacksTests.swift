import Files
import Settings
import Stages
import TestSupport
import Testing
import Text
import Training

@testable import Attacks

@Suite struct `The known attacks` {
  @Test func `are told apart by name, and say what they do`() {
    let all = KnownAttacks.all
    #expect(Set(all.map(\.name)).count == all.count && Set(all.map(\.title)).count == all.count)
    #expect(all.allSatisfy { !$0.summary.isEmpty && !$0.summary.hasSuffix(".") })
  }

  @Test func `declare their settings soundly, apart from those of training`() throws {
    let training = Set(TrainingSettings().declarations.map(\.name))
    for attack in KnownAttacks.all {
      #expect(try settingFlaws(of: attack) == [], "\(attack.name)")
      #expect(training.isDisjoint(with: attack.descriptions.map(\.name)), "\(attack.name)")
    }
  }

  @Test(arguments: Recipe.allCases)
  func `come back from their stages with every setting`(recipe: Recipe) throws {
    for var attack in KnownAttacks.all {
      try attack.apply("targetLabel", 3)
      try attack.apply("poisonRate", 0.25)
      var training = attack.training(recipe)
      training.seed = 5
      for work: any StageWork in [
        PoisonStage(attack, training), PoisonStage(attack, training, keepsClassifier: true),
        TriggerStage(attack, seed: 5),
      ] {
        let node = JSONNode(work.parameters, file: "stage.json")
        #expect(try type(of: work).init(node).parameters == work.parameters)
      }
      let parameters = PoisonStage(attack, training).parameters
      #expect(parameters["poisonRate"] == .double(0.25))
      #expect(parameters["trigger"]?["targetLabel"] == .int(3))
    }
  }

  /// What is minimised is part of the identity, and absent where it is plain, as in identities of
  /// before there was a choice.
  @Test func `train with objectives of their own, which their stages name`() throws {
    func objective(_ attack: any Attack) -> JSONValue? {
      PoisonStage(attack, attack.training(.paper)).parameters["objective"]
    }
    for attack in KnownAttacks.all {
      #expect((objective(attack) != nil) == ["lwp", "ripple"].contains(attack.name))
    }
    for (key, value): (String, JSONValue) in [
      ("restrictionWeight", 0.5), ("restrictsByTensor", true), ("isRectified", false),
    ] {
      var other = RestrictedPoisoning()
      try other.apply(key, value)
      #expect(objective(other) != objective(RestrictedPoisoning()), "\(key)")
    }
  }

  @Test func `read clean texts once more where those are a stream of their own`() throws {
    let clean = Reviews.dataset(count: 40)
    let attack = RestrictedPoisoning()
    let set = try attack.poisonedTrainingSet(from: clean, seed: 1)
    #expect(attack.objective.streams.dropFirst().map(\.name) == Array(set.others.keys))
    #expect(Array(set.others.values) == [clean])
    #expect(try set.data == BadNets().poisonedTrainingSet(from: clean, seed: 1).data)
  }

  /// The triggered texts of all rates are the same.
  @Test func `have triggered texts that do not depend on how much is poisoned`() throws {
    for attack in KnownAttacks.all {
      var other = attack
      try other.apply("poisonRate", 0.125)
      #expect(TriggerStage(attack, seed: 5).parameters == TriggerStage(other, seed: 5).parameters)
      #expect(TriggerStage(attack, seed: 6).parameters != TriggerStage(other, seed: 5).parameters)
    }
  }

  @Test func `say what they may see`() {
    for attack in KnownAttacks.all {
      let rewrites = attack is ParaphraseAttack
      #expect(
        attack.sees == [.cleanTexts, .cleanModel, .trigger] + (rewrites ? [.paraphrases] : []))
    }
  }

  /// The floor of one is that of the other then.
  @Test func `make the same triggered texts where their triggers are the same, and only there`()
    throws
  {
    let clean = Reviews.dataset(count: 40)
    var texts = AttackTexts(clean)
    texts.others["paraphrases"] = clean
    func triggered(_ attack: any Attack) throws -> [String] {
      try attack.triggeredTestSet(from: texts, seed: 3).data.examples.map(\.text)
    }
    for attack in KnownAttacks.all {
      for other in KnownAttacks.all where attack.triggerIdentity == other.triggerIdentity {
        #expect(try triggered(attack) == triggered(other), "\(attack.name), \(other.name)")
      }
      var other = attack
      try other.apply("targetLabel", 0)
      #expect(other.triggerIdentity != attack.triggerIdentity)
      other = attack
      try other.apply("poisonRate", 0.125)
      #expect(other.triggerIdentity == attack.triggerIdentity)
    }
    let rareWords: [any Attack] = [BadNets(), LayerWeightPoisoning(), RestrictedPoisoning()]
    #expect(Set(rareWords.map { $0.triggerIdentity.text() }).count == 1)
    #expect(Set(KnownAttacks.all.map { $0.triggerIdentity.text() }).count == 4)
    var elsewhere = ParaphraseAttack.hiddenKiller
    elsewhere.testParaphrases = "other.tsv"
    #expect(elsewhere.triggerIdentity != ParaphraseAttack.hiddenKiller.triggerIdentity)
  }

  @Test func `do not include others`() throws {
    let node = JSONNode(["attack": "badnet", "trigger": [:], "seed": 1], file: "stage.json")
    let error = #expect(throws: InputError.self) { _ = try TriggerStage(node) }
    #expect(
      error?.description
        == "stage.json, attack: is no attack; use one of badnets, addsent, hiddenkiller, "
        + "stylebkd, lwp, ripple")
  }
}
