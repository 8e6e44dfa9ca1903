import Checkpoints
import Encoders
import Tensors
import TestSupport
import Testing
import Training

@testable import Defenses

/// Rates are exact shares of 300 and 150 texts. The world is made so that each outcome is all or nothing; the bounds
/// stand in the wide gap between, so that rounding on another machine cannot decide.
@Suite struct `Attack and defence` {
  private let toy: ToyResearch
  private let poisoned: (encoder: ModelCheckpoint, classifier: Classifier)
  private let texts: TrainingTexts

  init() throws {
    toy = try ToyResearch()
    poisoned = try toy.poisoned()
    texts = try toy.cleanTexts()
  }

  @Test func `BadNets plants a backdoor that a clean model lacks`() throws {
    let attacked = try toy.measure(poisoned.classifier, nil)
    #expect(attacked.accuracy >= 0.95 && attacked.flips >= 0.95)
    let clean = try defend(PURE.fineTuning(toy), toy.pretrained())
    let measured = try toy.measure(clean.model, nil)
    #expect(measured.accuracy >= 0.95 && measured.flips <= 0.1)
  }

  @Test func `fine-tuning on clean texts leaves the backdoor`() throws {
    let outcome = try defend(PURE.fineTuning(toy))
    let measured = try toy.measure(outcome.model, nil)
    #expect(measured.accuracy >= 0.95 && measured.flips >= 0.8)
    #expect(outcome.headMask.prunedCount == 0)
    #expect(outcome.firstTraining == nil && outcome.pruning == nil)
    #expect(outcome.scores == nil && outcome.layerWeights == nil)
  }

  @Test(arguments: Recipe.allCases)
  func `PURE removes the backdoor and keeps accuracy`(recipe: Recipe) throws {
    let outcome = try defend(PURE.whole(toy, recipe))
    let measured = try toy.measure(outcome.model, outcome.headMask)
    #expect(measured.accuracy >= 0.9 && measured.flips <= 0.2)
    let found = try #require(outcome.pruning)
    #expect(found.mask == outcome.headMask)
    #expect(found.mask.prunedCount > 0)
    #expect(found.mask.alive.allSatisfy { $0.contains(true) })
    #expect(found.accuracyAfter >= 0.9 && found.accuracyBefore >= 0.9)
    #expect(found.evaluationCount > 0)
    #expect(outcome.layerWeights == [1])
    #expect(outcome.firstTraining != nil)
    #expect(outcome.training.selectedEpoch == toy.settings.epochs)
  }

  @Test func `the norm term alone does it too, with every head alive`() throws {
    var defense = PURE.whole(toy, .paper)
    defense.pruning = nil
    let outcome = try defend(defense)
    let measured = try toy.measure(outcome.model, nil)
    #expect(measured.accuracy >= 0.9 && measured.flips <= 0.2)
    #expect(outcome.headMask.prunedCount == 0 && outcome.pruning == nil)
    #expect(outcome.scores?.values.map(\.count) == [8])
  }

  @Test func `the suspect is not touched, and a seed decides the outcome`() throws {
    let before = poisoned.encoder.parameters
    let first = try defend(PURE.whole(toy, .paper))
    #expect(poisoned.encoder.parameters == before)
    let second = try defend(PURE.whole(toy, .paper))
    #expect(try bits(first) == bits(second))
    #expect(first.headMask == second.headMask)
    var other = PURE.whole(toy, .paper)
    other.settings.seed += 1
    #expect(try bits(defend(other)) != bits(first))
  }

  @Test func `heads that were pruned before stay pruned`() throws {
    var suspect = poisoned.encoder
    suspect.prunedHeads = [[2, 5]]
    let plain = try defend(PURE.fineTuning(toy), suspect)
    #expect(plain.headMask.pruned == [[2, 5]])
    let outcome = try defend(PURE.whole(toy, .paper), suspect)
    #expect(Set(outcome.headMask.pruned[0]).isSuperset(of: [2, 5]))
    // A masked head has no gradient: training leaves its weights to decay alone, equally in all of its rows.
    let size = outcome.model.configuration.headSize
    let name = "layers.0.attention.value.weight"
    let trained = try outcome.model.parameters[name].rows(2 * size..<3 * size).hostFloats()
    let original = try #require(suspect.parameters[name]).values
      .dropFirst(2 * size * outcome.model.configuration.hiddenSize).prefix(trained.count)
    #expect(zip(trained, original).allSatisfy { abs($0) <= abs($1) && $0 * $1 >= 0 })
  }

  @Test func `an interrupted defence ends where it would have ended`() throws {
    let whole = try defend(PURE.whole(toy, .paper))
    // Asked once a step and batch: within the first fine-tuning, while pruning, within the second.
    for moment in [20, 80, 110, 150] {
      let scratch = try Scratch()
      var asked = 0
      var hooks = DefenseHooks()
      hooks.training.checkpointDirectory = scratch.path
      hooks.training.isCancelled = {
        asked += 1
        return asked > moment
      }
      #expect(throws: Interruption.self, "at \(moment)") {
        _ = try defend(PURE.whole(toy, .paper), hooks: hooks)
      }
      hooks.training.isCancelled = { false }
      let resumed = try defend(PURE.whole(toy, .paper), hooks: hooks)
      #expect(try bits(resumed) == bits(whole), "at \(moment)")
      #expect(resumed.headMask == whole.headMask)
      #expect(resumed.scores == whole.scores)
    }
  }

  @Test func `a defence says what it does`() throws {
    var steps: [String] = []
    var pruned: [Int] = []
    var hooks = DefenseHooks()
    hooks.onStep = { steps.append($0) }
    hooks.onPruning = { count, total in
      pruned.append(count)
      #expect(total == 8)
    }
    let outcome = try defend(PURE.whole(toy, .paper), hooks: hooks)
    #expect(
      steps == [
        "fine-tune the suspect", "score and prune heads", "fine-tune with the norm term",
      ])
    #expect(pruned.count == outcome.pruning?.evaluationCount)
    #expect(pruned == Array(1...pruned.count))
  }

  private func defend(
    _ defense: PURE, _ suspect: ModelCheckpoint? = nil, hooks: DefenseHooks = DefenseHooks()
  ) throws -> Purification {
    try defense.purify(
      suspect ?? poisoned.encoder, labels: ToyResearch.labels, using: texts, on: toy.backend,
      hooks: hooks)
  }

  private func bits(_ outcome: Purification) throws -> [UInt32] {
    try outcome.model.parameters.flat.hostFloats().map(\.bitPattern)
  }
}

extension PURE {
  fileprivate static func fineTuning(_ toy: ToyResearch) -> PURE {
    PURE(
      name: "ft", pruning: nil, normWeight: nil, recipe: .paper, settings: toy.settings,
      head: .linear)
  }

  fileprivate static func whole(_ toy: ToyResearch, _ recipe: Recipe) -> PURE {
    PURE(
      name: "pure", pruning: HeadPruning(accuracyFloor: 0.9, recipe: recipe), normWeight: 0.5,
      recipe: recipe, settings: toy.settings, head: .linear)
  }
}
