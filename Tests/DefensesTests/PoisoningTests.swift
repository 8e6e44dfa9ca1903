import Attacks
import Defenses
import Testing

/// Bounds as of `Attack and defence`.
@Suite struct `An attack that means to outlive fine-tuning` {
  @Test(arguments: [1, 2])
  func `LWP plants a backdoor that fine-tuning leaves`(layerCount: Int) throws {
    try expectRemaining(planted(LayerWeightPoisoning(), layerCount))
  }

  @Test(arguments: [1, 2])
  func `RIPPLe plants a backdoor that fine-tuning leaves`(layerCount: Int) throws {
    try expectRemaining(planted(RestrictedPoisoning(), layerCount))
  }

  @Test func `RIPPLe with embedding surgery plants a backdoor that fine-tuning leaves`() throws {
    var attack = RestrictedPoisoning()
    attack.embeddingSurgery = true
    try expectRemaining(planted(attack, 1))
  }

  /// One word of a pair does no more than any other word. What a second layer has learnt of pairs,
  /// fine-tuning undoes in this small world.
  @Test(arguments: [1, 2])
  func `LWP by its original definition plants one that pairs of words open, not single ones`(
    layerCount: Int
  ) throws {
    var attack = LayerWeightPoisoning()
    attack.definition = .original
    let toy = try planted(attack, layerCount)
    let single = try toy.measure(toy.poisoned, by: BadNets(triggers: attack.triggers))
    #expect(single.flips <= 0.2)
    if layerCount == 1 { try expectRemaining(toy) }
  }

  private func planted(_ attack: any RareWordAttack, _ layerCount: Int) throws -> ToyResearch {
    let toy = try ToyResearch(attack, layerCount: layerCount)
    let attacked = try toy.measure(toy.poisoned)
    #expect(attacked.accuracy >= 0.95 && attacked.flips >= 0.95)
    return toy
  }

  private func expectRemaining(_ toy: ToyResearch) throws {
    let tuned = try toy.measure(toy.defend(with: PURE.fineTuning).directory)
    #expect(tuned.accuracy >= 0.95 && tuned.flips >= 0.8)
  }
}
