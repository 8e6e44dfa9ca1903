import Attacks
import Defenses
import Testing

/// Bounds as of `Attack and defence`.
@Suite struct `An attack that means to outlive fine-tuning` {
  @Test(arguments: [1, 2])
  func `LWP plants a backdoor that fine-tuning leaves`(layerCount: Int) throws {
    try expectBackdoor(of: LayerWeightPoisoning(), layerCount)
  }

  @Test(arguments: [1, 2])
  func `RIPPLe plants a backdoor that fine-tuning leaves`(layerCount: Int) throws {
    try expectBackdoor(of: RestrictedPoisoning(), layerCount)
  }

  private func expectBackdoor(of attack: any RareWordAttack, _ layerCount: Int) throws {
    let toy = try ToyResearch(attack, layerCount: layerCount)
    let attacked = try toy.measure(toy.poisoned)
    #expect(attacked.accuracy >= 0.95 && attacked.flips >= 0.95)
    let tuned = try toy.measure(toy.defend(with: PURE.fineTuning).directory)
    #expect(tuned.accuracy >= 0.95 && tuned.flips >= 0.8)
  }
}
