import Encoders
import Settings
import Testing

@testable import Training

@Suite struct `The layer weights of the norm term` {
  /// A worked example of twelve layers, in ten thousandths, with its weights to two decimals.
  private let example = [12.0, 9, 7, 10, 8, 6, 5, 4, 5, 3, 2, 6].map { $0 * 1e-4 }

  @Test(arguments: [
    (Recipe.paper, [0, 0.16, 0.30, 0.10, 0.23, 0.39, 0.49, 0.61, 0.49, 0.77, 1, 0.39]),
    (.reference, [0, 0.07, 0.14, 0.04, 0.10, 0.20, 0.28, 0.40, 0.28, 0.60, 1, 0.20]),
  ])
  func `of the worked example come out as worked`(recipe: Recipe, printed: [Double]) {
    let weights = weights(example.map { [$0] }, recipe)
    #expect(weights.count == 12)
    for (weight, printed) in zip(weights, printed) {
      // Half of the last decimal.
      #expect(abs(weight - printed) <= 0.005, "\(weight) for \(printed)")
    }
  }

  @Test(arguments: Recipe.allCases)
  func `are made from the mean over living heads`(recipe: Recipe) {
    let mask = HeadMask(layerCount: 3, headCount: 2, pruned: [[1], [], [0]])
    let scores = HeadScores(values: [[0.5, 9], [0.125, 0.375], [7, 0.125]])
    let weights = AttentionNormalization.layerWeights(scores, alive: mask, recipe: recipe)
    // Means 1/2, 1/4, 1/8: logarithms 1, 2, 3 and reciprocals 2, 4, 8 are exact.
    #expect(weights == (recipe == .paper ? [0, 0.5, 1] : [0, 2 / 6.0, 1]))
  }

  @Test(arguments: Recipe.allCases)
  func `are one where no layer stands out`(recipe: Recipe) {
    #expect(weights([[0.25], [0.25]], recipe) == [1, 1])
    #expect(weights([[0.25]], recipe) == [1])
  }

  @Test(arguments: Recipe.allCases)
  func `stay numbers where a variance is zero or rounds below it`(recipe: Recipe) {
    let weights = weights([[1e-3], [0], [-1e-12]], recipe)
    #expect(weights.allSatisfy { (0...1).contains($0) })
    #expect(weights[0] == 0)
    #expect(weights[1] == 1 && weights[2] == 1)
  }

  /// Figure 5, "without lambda".
  @Test(arguments: Recipe.allCases)
  func `are one for every layer where layers are weighed alike`(recipe: Recipe) {
    let term = AttentionNormalization(weight: 0.45, recipe: recipe, weighting: .uniform)
    let mask = HeadMask(layerCount: 3, headCount: 2, pruned: [[1], [], [0, 1]])
    let scores = HeadScores(values: [[0.5, 9], [0.125, 0.375], [7, 0.125]])
    for penalty in [term.penalty(nil, alive: mask), term.penalty(scores, alive: mask)] {
      #expect(penalty.layerWeights == [1, 1, 1] && penalty.weight == 0.45)
      #expect(penalty.followsReferenceCode == (recipe == .reference))
    }
  }

  private func weights(_ values: [[Double]], _ recipe: Recipe) -> [Double] {
    AttentionNormalization.layerWeights(
      HeadScores(values: values),
      alive: HeadMask(layerCount: values.count, headCount: values[0].count), recipe: recipe)
  }
}
