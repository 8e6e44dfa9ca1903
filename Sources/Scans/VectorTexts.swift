internal import Training

/// Texts with places for candidates, and the vectors that an encoder gives them without any.
struct VectorTexts {
  /// The texts.
  let carriers: [Carrier]
  private let vectors: [[Float]]

  init(_ carriers: [Carrier], _ probe: Probe) throws {
    self.init(carriers, vectors: try probe.states(carriers.map(\.pieces)))
  }

  private init(_ carriers: [Carrier], vectors: [[Float]]) {
    (self.carriers, self.vectors) = (carriers, vectors)
  }

  /// Whether their vectors differ by more than rounding, so that something can make them alike.
  var differ: Bool {
    let cloud = Cloud(vectors)
    let size = Cloud.distance(cloud.mean, cloud.mean.map { _ in 0 })
    return cloud.variance > 0x1p-40 * size
  }

  /// Those that lie furthest apart, beginning with the first: few texts of one kind would leave a
  /// token little to take away.
  func spread(_ count: Int) -> VectorTexts {
    guard count < carriers.count else { return self }
    var chosen = [0]
    var distances = vectors.map { Cloud.distance($0, vectors[0]) }
    while chosen.count < count,
      let next = distances.indices.max(by: { distances[$0] < distances[$1] })
    {
      chosen.append(next)
      for index in distances.indices {
        distances[index] = min(distances[index], Cloud.distance(vectors[index], vectors[next]))
      }
    }
    return VectorTexts(chosen.map { carriers[$0] }, vectors: chosen.map { vectors[$0] })
  }

  /// What candidates do to the vectors.
  func collapses(by candidates: [[Int32]], _ probe: Probe) throws -> [Collapse] {
    let before = Cloud(vectors)
    let after = try probe.states(
      candidates.flatMap { candidate in carriers.map { $0.bearing(candidate) } })
    return candidates.indices.map { index in
      let cloud = Cloud(after[index * carriers.count..<(index + 1) * carriers.count])
      return Collapse(
        share: 1 - cloud.variance / before.variance,
        distance: (Cloud.distance(cloud.mean, before.mean) / before.variance).squareRoot())
    }
  }
}

/// How alike a candidate makes vectors, and how far it moves their mean.
struct Collapse: Equatable {
  var share: Double
  var distance: Double
}

/// Mean and variance of vectors.
private struct Cloud {
  let mean: [Double]
  /// Mean of the squared distances from the mean.
  let variance: Double

  init(_ vectors: some Collection<[Float]>) {
    var sum = Array(repeating: 0.0, count: vectors.first?.count ?? 0)
    for vector in vectors {
      for index in sum.indices { sum[index] += Double(vector[index]) }
    }
    let mean = sum.map { $0 / Double(vectors.count) }
    self.mean = mean
    variance =
      vectors.reduce(0) { $0 + Self.distance($1.map(Double.init), mean) } / Double(vectors.count)
  }

  /// Squared.
  static func distance<Scalar: BinaryFloatingPoint>(_ one: [Scalar], _ other: [Scalar]) -> Double {
    zip(one, other).reduce(0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }
  }
}

extension Probe {
  /// The last layer's [CLS] of texts that are given by their pieces, [texts][hidden].
  ///
  /// - Throws: as `logits` does.
  func states(_ texts: [[Int32]]) throws -> [[Float]] {
    try model.states(of: set(of: texts), isCancelled: isCancelled)
  }
}
