import Attacks
import Checkpoints
import Files
import Stages
import Testing
import Training

@testable import Defenses

@Suite struct `Maximum entropy fine-tuning` {
  private let toy: ToyResearch

  init() throws { toy = try ToyResearch() }

  private func defense(
    stopDistance: Double = 0.015, stepLimit: Int = 200
  ) -> MaximumEntropy {
    var defense = MaximumEntropy()
    (defense.stopDistance, defense.stepLimit) = (stopDistance, stepLimit)
    defense.measurementInterval = 5
    return defense
  }

  @Test func `levels predictions until the distance is reached, and then learns anew`() throws {
    let outcome = try toy.defend(with: defense())
    #expect(outcome.titles == ["maximise entropy", "fine-tune"])
    let curve = try #require(outcome.first.training?.curve)
    let last = try #require(curve.last)
    #expect(last.value <= 0.015 && last.step < 200)
    #expect(curve.dropLast().allSatisfy { $0.value > 0.015 })
    #expect(curve.map(\.step) == (1...curve.count).map { 5 * $0 })

    // Half of the texts are of either class. To begin with, what the attacker taught the encoder
    // makes predictions of a fresh classifier confident.
    let levelled = try #require(outcome.first.epochs.last?.validationAccuracy)
    #expect(abs(levelled - 0.5) <= 0.2 && curve[0].value >= 0.2)
    #expect(try toy.measure(outcome.directory).accuracy >= 0.95)
  }

  @Test func `ends at the step limit where the distance is never reached`() throws {
    let outcome = try toy.defend(with: defense(stopDistance: 0, stepLimit: 17))
    #expect(outcome.first.training?.curve.map(\.step) == [5, 10, 15, 17])
  }

  @Test func `says which distances it measured`() throws {
    let outcome = try toy.defend(with: defense())
    let curve = try #require(outcome.first.training?.curve)
    #expect(
      outcome.first.findings["distances"]
        == .array(curve.map { [.int($0.step), .double($0.value)] }))
  }

  /// A finding and no promise: the toy's backdoor outlives even predictions that say nothing.
  @Test func `leaves the backdoor that fine-tuning leaves`() throws {
    #expect(try toy.measure(toy.defend(with: defense()).directory).flips >= 0.8)
  }

  @Test func `ends where it would have ended when it is interrupted`() throws {
    let whole = try toy.defend(with: defense())
    var interrupted: Set<String> = []
    // Asked once a step and once a batch of validation: in the first epoch of the first phase, in a
    // later one, and in the second phase.
    for moment in [5, 60, 110] {
      let store = try toy.folder()
      var (asked, stage) = (0, "")
      #expect(throws: Interruption.self, "at \(moment)") {
        _ = try toy.defend(
          with: defense(), in: store, onStage: { stage = $0 },
          isCancelled: {
            asked += 1
            return asked > moment
          })
      }
      interrupted.insert(stage)
      let resumed = try toy.defend(with: defense(), in: store)
      #expect(resumed.bits == whole.bits, "at \(moment)")
      #expect(resumed.first.training?.curve == whole.first.training?.curve, "at \(moment)")
    }
    #expect(interrupted == ["maximise entropy", "fine-tune"])
  }

  @Test func `leaves pruned heads of the suspect pruned`() throws {
    let outcome = try toy.defend(with: defense(), toy.poisoned(without: [2, 5]))
    #expect(outcome.classifier.prunedHeads == [[2, 5]])
  }

  /// How many epochs follow, and which of them is kept, is nothing to the first phase.
  @Test func `has one first phase for all lengths of the second`() {
    let stop = MeasuredStop(DistanceFromUniform(), atMost: 0.015, every: 5, limit: 200)
    var other = ToyResearch.training
    (other.epochs, other.selection) = (7, .best)
    let stage = EntropyStage(ToyResearch.training, stop)
    #expect(EntropyStage(other, stop).parameters == stage.parameters)
    #expect(stage.parameters["training"]?["selection"] == "last")
    other.learningRate = 1e-3
    #expect(EntropyStage(other, stop).parameters != stage.parameters)
  }
}
