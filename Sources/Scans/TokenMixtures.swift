#if canImport(Glibc)
  internal import Glibc
#endif

/// One mixture of tokens for each place of a trigger: a softmax over scores, which Adam moves.
struct TokenMixtures {
  let placeCount: Int
  let tokenCount: Int
  private var scores: [Float]
  private var means: [Float]
  private var squares: [Float]
  private var noise: [Float] = []
  private var step = 0
  /// [places, tokens]; each row adds up to 1.
  private(set) var weights: [Float]

  /// All tokens alike.
  init(places: Int, tokens: Int) {
    (placeCount, tokenCount) = (places, tokens)
    scores = Array(repeating: 0, count: places * tokens)
    (means, squares, weights) = (scores, scores, scores)
  }

  /// From now on each score gets noise after the division by the temperature; none for nil.
  mutating func shake(by noise: (() -> Float)?) {
    self.noise = noise.map { noise in scores.map { _ in noise() } } ?? []
  }

  /// Makes the weights anew.
  mutating func mix(temperature: Double) {
    let factor = Float(1 / temperature)
    for row in rows {
      var largest = -Float.infinity
      for index in row {
        weights[index] = scores[index] * factor + (noise.isEmpty ? 0 : noise[index])
        largest = max(largest, weights[index])
      }
      var sum: Float = 0
      for index in row {
        weights[index] = exp(weights[index] - largest)
        sum += weights[index]
      }
      for index in row { weights[index] /= sum }
    }
  }

  /// One step of Adam against the loss.
  ///
  /// - Parameters:
  ///   - gradient: by the weights, [places, tokens].
  ///   - temperature: that they were made with.
  mutating func move(against gradient: [Float], temperature: Double, rate: Double) {
    step += 1
    let (first, second): (Float, Float) = (0.9, 0.999)
    let correction = (1 - pow(Double(second), Double(step))).squareRoot()
    let size = Float(rate * correction / (1 - pow(Double(first), Double(step))))
    let factor = Float(1 / temperature)
    for row in rows {
      var mean: Float = 0
      for index in row { mean += weights[index] * gradient[index] }
      for index in row {
        let slope = factor * weights[index] * (gradient[index] - mean)
        means[index] = first * means[index] + (1 - first) * slope
        squares[index] = second * squares[index] + (1 - second) * slope * slope
        scores[index] -= size * means[index] / (squares[index].squareRoot() + 1e-8)
      }
    }
  }

  /// The heaviest token of each place.
  var tokens: [Int] {
    rows.map { row in
      (row.max { weights[$0] < weights[$1] } ?? row.lowerBound) - row.lowerBound
    }
  }

  /// Whether every mixture is one token but for a thousandth.
  var areTokens: Bool {
    rows.allSatisfy { row in row.contains { weights[$0] > 0.999 } }
  }

  private var rows: [Range<Int>] {
    (0..<placeCount).map { $0 * tokenCount..<($0 + 1) * tokenCount }
  }
}
