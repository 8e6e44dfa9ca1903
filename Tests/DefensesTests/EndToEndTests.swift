import Checkpoints
import Encoders
import Files
import Settings
import Stages
import Tensors
import Testing
import Training

@testable import Defenses

/// Rates are exact shares of 300 and 150 texts. The world is made so that each outcome is all or
/// nothing; the bounds stand in the wide gap between, so that rounding on another machine cannot
/// decide.
@Suite struct `Attack and defence` {
  private let toy: ToyResearch

  init() throws { toy = try ToyResearch() }

  @Test func `BadNets plants a backdoor that a clean model lacks`() throws {
    let attacked = try toy.measure(toy.poisoned)
    #expect(attacked.accuracy >= 0.95 && attacked.flips >= 0.95)
    let clean = try toy.defend(with: PURE.fineTuning, toy.pretrained)
    let measured = try toy.measure(clean.directory)
    #expect(measured.accuracy >= 0.95 && measured.flips <= 0.1)
  }

  @Test func `fine-tuning on clean texts leaves the backdoor`() throws {
    let outcome = try toy.defend(with: PURE.fineTuning)
    let measured = try toy.measure(outcome.directory)
    #expect(measured.accuracy >= 0.95 && measured.flips >= 0.8)
    #expect(outcome.classifier.prunedHeads == [[]])
    #expect(outcome.titles == ["fine-tune"])
    #expect(outcome.heads == nil && outcome.last.findings == JSONObject())
  }

  @Test(arguments: Recipe.allCases)
  func `PURE removes the backdoor and keeps accuracy`(recipe: Recipe) throws {
    let outcome = try toy.defend(with: PURE.whole.toy(recipe))
    let measured = try toy.measure(outcome.directory)
    #expect(measured.accuracy >= 0.9 && measured.flips <= 0.2)
    let heads = try #require(outcome.heads?.heads)
    #expect(heads.pruned == outcome.classifier.prunedHeads)
    #expect((1..<heads.headCount).contains(heads.prunedCount))
    let pruning = try #require(outcome.heads?.findings["pruning"])
    for accuracy in ["accuracyBefore", "accuracyAfter"] {
      #expect(try #require(pruning[accuracy]?.double) >= 0.9)
    }
    #expect(try #require(pruning["evaluations"]?.int) > 0)
    #expect(outcome.last.findings["layerWeights"] == .array([.double(1)]))
    #expect(outcome.first.training != nil)
    #expect(outcome.last.training?.selectedEpoch == ToyResearch.training.epochs)
  }

  @Test func `the norm term alone does it too, with every head alive`() throws {
    let outcome = try toy.defend(with: PURE.normOnly.toy())
    let measured = try toy.measure(outcome.directory)
    #expect(measured.accuracy >= 0.9 && measured.flips <= 0.2)
    #expect(outcome.classifier.prunedHeads == [[]])
    #expect(outcome.heads?.heads?.pruned == [[]] && outcome.heads?.findings["pruning"] == nil)
    #expect(outcome.heads?.heads?.scores.map(\.count) == [8])
  }

  /// Nobody looks at scores then, so none are made.
  @Test func `the norm term weighs every layer alike where it is told to`() throws {
    var alone = PURE.normOnly.toy()
    alone.layerWeighting = .uniform
    let deep = try ToyResearch(layerCount: 2)
    let outcome = try deep.defend(with: alone)
    #expect(outcome.titles == ["fine-tune with norm"] && outcome.heads == nil)
    #expect(outcome.last.findings["layerWeights"] == [.double(1), .double(1)])
    #expect(try outcome.bits != deep.defend(with: PURE.normOnly.toy()).bits)
    #expect(try outcome.bits != deep.defend(with: PURE.fineTuning).bits)
    var whole = PURE.whole.toy()
    whole.layerWeighting = .uniform
    let pruned = try deep.defend(with: whole)
    #expect(
      pruned.titles == ["fine-tune", "score heads", "prune heads", "fine-tune with norm"])
    #expect(pruned.last.findings["layerWeights"] == [.double(1), .double(1)])
  }

  @Test func `the suspect is not touched, and a seed decides the outcome`() throws {
    let before = try ModelCheckpoint.contentHash(ofDirectory: toy.poisoned)
    let first = try toy.defend(with: PURE.whole.toy())
    #expect(try ModelCheckpoint.contentHash(ofDirectory: toy.poisoned) == before)
    let second = try toy.defend(with: PURE.whole.toy())
    #expect(first.bits == second.bits)
    #expect(first.classifier.prunedHeads == second.classifier.prunedHeads)
    #expect(try toy.defend(with: PURE.whole.toy(), seed: 12).bits != first.bits)
  }

  @Test func `heads that were pruned before stay pruned`() throws {
    let suspect = try toy.poisoned(without: [2, 5])
    let plain = try toy.defend(with: PURE.fineTuning, suspect)
    #expect(plain.classifier.prunedHeads == [[2, 5]])
    let outcome = try toy.defend(with: PURE.whole.toy(), suspect)
    #expect(Set(outcome.classifier.prunedHeads[0]).isSuperset(of: [2, 5]))
  }

  /// A masked head has no gradient: training leaves its weights to decay alone, equally in all of
  /// its rows.
  @Test func `masked heads learn nothing`() throws {
    let suspect = try SourceModel(toy.poisoned, for: .freshClassifier)
    let mask = HeadMask(layerCount: 1, headCount: 8, pruned: [[2, 5]])
    let texts = try suspect.encoded(ToyResearch.reviews(200, seed: 2), maximumLength: 20)
    let model = try FineTuning(settings: ToyResearch.training, headMask: mask)
      .run(
        suspect.checkpoint, labels: ["negative", "positive"],
        on: TrainingTexts(training: texts, validation: nil), backend: CPUBackend.shared
      ).model
    let (size, width) = (model.configuration.headSize, model.configuration.hiddenSize)
    let name = "layers.0.attention.value.weight"
    let trained = try model.parameters[name].rows(2 * size..<3 * size).hostFloats()
    let original = try #require(suspect.checkpoint.parameters[name]).values
      .dropFirst(2 * size * width).prefix(trained.count)
    #expect(zip(trained, original).allSatisfy { abs($0) <= abs($1) && $0 * $1 >= 0 })
  }

  @Test func `an interrupted defence ends where it would have ended`() throws {
    let whole = try toy.defend(with: PURE.whole.toy())
    var interrupted: Set<String> = []
    // Asked once a stage, step and batch: within the first fine-tuning, while pruning, within the
    // second.
    for moment in [20, 80, 110, 150] {
      let store = try toy.folder()
      var (asked, stage) = (0, "")
      #expect(throws: Interruption.self, "at \(moment)") {
        _ = try toy.defend(
          with: PURE.whole.toy(), in: store, onStage: { stage = $0 },
          isCancelled: {
            asked += 1
            return asked > moment
          })
      }
      interrupted.insert(stage)
      let resumed = try toy.defend(with: PURE.whole.toy(), in: store)
      #expect(resumed.bits == whole.bits, "at \(moment)")
      #expect(resumed.heads?.heads == whole.heads?.heads)
    }
    #expect(interrupted == ["fine-tune", "prune heads", "fine-tune with norm"])
  }

  @Test func `a defence says what it does`() throws {
    var stages: [String] = []
    var pruned: [Double] = []
    let outcome = try toy.defend(
      with: PURE.whole.toy(), onStage: { stages.append($0) },
      report: { if stages.last == "prune heads" { pruned.append($0.fraction * 8) } })
    #expect(stages == ["fine-tune", "score heads", "prune heads", "fine-tune with norm"])
    #expect(stages == outcome.titles)
    #expect(outcome.heads?.findings["pruning"]?["evaluations"]?.int == pruned.count)
    #expect(pruned == (1...max(1, pruned.count)).map(Double.init))
  }
}

extension PURE {
  /// With a floor and a weight that suit the toy.
  fileprivate func toy(_ recipe: Recipe = .paper) -> PURE {
    var defense = self
    defense.follow(recipe)
    defense.accuracyFloor = 0.9
    defense.normWeight = 0.5
    return defense
  }
}
