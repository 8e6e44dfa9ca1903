import Encoders
import Files
import Tensors
import Testing
import Text

@testable import Training

@Suite struct `An objective's identity` {
  private typealias Stream = Objective.Stream

  /// Each differs from plain fine-tuning, and from all others, in one choice.
  private static let objectives = [
    Objective(),
    Objective(terms: [CrossEntropyTerm(weight: 2)]),
    Objective(terms: [CrossEntropyTerm(headDropout: false)]),
    Objective(terms: [OutputEntropy()]),
    Objective(terms: [OutputEntropy(weight: 2)]),
    Objective(terms: [OutputEntropy(sumsTexts: true)]),
    Objective(terms: [CrossEntropyTerm(), OutputEntropy()]),
    Objective(terms: [LayerwiseCrossEntropy(.whole)]),
    Objective(terms: [LayerwiseCrossEntropy(.output(dropout: 0))]),
    Objective(terms: [LayerwiseCrossEntropy(.output(dropout: 0.1))]),
    Objective(terms: [LayerwiseCrossEntropy(.whole, weight: 0.5)]),
    Objective(penalty: penalty(0.1, [1, 0], false)),
    Objective(penalty: penalty(0.2, [1, 0], false)),
    Objective(penalty: penalty(0.1, [0, 1], false)),
    Objective(penalty: penalty(0.1, [1, 0], true)),
    Objective(stop: .steps(7)),
    Objective(stop: .steps(8)),
    Objective(
      stop: .measured(MeasuredStop(DistanceFromUniform(), atMost: 0.1, every: 2, limit: 7))),
    Objective(
      stop: .measured(MeasuredStop(DistanceFromUniform(), atMost: 0.2, every: 2, limit: 7))),
    Objective(
      stop: .measured(MeasuredStop(DistanceFromUniform(), atMost: 0.1, every: 3, limit: 7))),
    Objective(
      stop: .measured(MeasuredStop(DistanceFromUniform(), atMost: 0.1, every: 2, limit: 8))),
    Objective(moves: .words([3])),
    Objective(moves: .words([3, 5])),
    Objective(streams: [Stream("training"), Stream("poisoned")]),
    Objective(streams: [Stream("poisoned"), Stream("training")]),
    Objective(streams: [Stream("training"), Stream("poisoned", batchSize: 8)]),
    restricted(),
    restricted(weight: 2),
    restricted(isByTensor: true),
    restricted(isRectified: false),
    restricted(shift: 0.02),
  ]

  private static func penalty(
    _ weight: Double, _ layerWeights: [Double], _ followsReferenceCode: Bool
  ) -> AttentionPenalty {
    AttentionPenalty(
      weight: weight, layerWeights: layerWeights, followsReferenceCode: followsReferenceCode)
  }

  private static func restricted(
    weight: Double = 1, isByTensor: Bool = false, isRectified: Bool = true, shift: Double = 0.01
  ) -> Objective {
    Objective(
      streams: [Stream("training"), Stream("poisoned")],
      rule: RestrictedInnerProduct(
        of: "poisoned", with: "training", weight: weight, isByTensor: isByTensor,
        isRectified: isRectified, shift: shift))
  }

  @Test func `names every choice`() {
    let texts = Self.objectives.map { $0.json.text() }
    #expect(Set(texts).count == texts.count)
  }

  @Test func `says which is plain fine-tuning`() {
    #expect(
      Self.objectives.map(\.isPlain) == [true] + Self.objectives.dropFirst().map { _ in false })
    #expect(Objective(penalty: nil).isPlain)
  }

  @Test func `is the same for the same words in another order`() {
    let ids: [Int32] = Array(0..<40)
    #expect(
      Objective(moves: .words(Set(ids))).json == Objective(moves: .words(Set(ids.reversed()))).json)
  }
}
