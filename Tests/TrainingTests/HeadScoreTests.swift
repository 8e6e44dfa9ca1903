import Checkpoints
import Conformance
import Encoders
import Files
import Settings
import Tensors
import Testing
import Text

@testable import Training

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct `The variance score of a row` {
  /// Uniform attention over so many of 127 positions, and what both recipes make of it.
  @Test(arguments: [(8, "0.00092957"), (12, "0.00059888"), (30, "0.00020206"), (127, "0.00000000")])
  func `of uniform attention over k of 127 positions is known`(k: Int, printed: String) throws {
    let row = (0..<127).map { $0 < k ? 1 / Double(k) : 0 }
    // The paper's n is the padded length; the reference code counts one position less than it.
    for (recipe, length) in [(Recipe.paper, 127), (.reference, 128)] {
      try expect(row, recipe, length, printed)
    }
  }

  @Test func `of attention to one position is the largest there is`() throws {
    let row = (0..<127).map { $0 == 3 ? 1.0 : 0 }
    for (recipe, length) in [(Recipe.paper, 127), (.reference, 128)] {
      try expect(row, recipe, length, "0.00787402")
    }
  }

  @Test func `does not count the last position in the reference code`() {
    // All attention on the position that is left out leaves 127 zeros.
    #expect(
      HeadScores.variance(squareSum: 0, sum: 0, paddedLength: 128, recipe: .reference) == 0)
  }

  @Test(arguments: Recipe.allCases)
  func `is that of the explicit row`(recipe: Recipe) {
    var random = Philox(seed: 3, stream: 0)
    for length in [2, 3, 17, 128] {
      let weights = (0..<length).map { _ in -log(1 - random.uniform()) }
      let total = weights.reduce(0, +)
      let row = weights.map { $0 / total }
      let counted = recipe == .paper ? row : Array(row.dropLast())
      guard counted.count > 1 else { continue }
      let got = HeadScores.variance(
        squareSum: counted.reduce(0) { $0 + $1 * $1 },
        sum: recipe == .paper ? nil : counted.reduce(0, +), paddedLength: length, recipe: recipe)
      let expected = ExplicitScore.variance(row, length, recipe)
      // Double sums of n squares of at most 1 err by n roundings each.
      #expect(abs(got - expected) <= 4 * Double(length) * 0x1p-53)
    }
  }

  private func expect(
    _ row: [Double], _ recipe: Recipe, _ length: Int, _ printed: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let sums = (square: row.reduce(0) { $0 + $1 * $1 }, sum: row.reduce(0, +))
    let got = HeadScores.variance(
      squareSum: sums.square, sum: recipe == .reference ? sums.sum : nil, paddedLength: length,
      recipe: recipe)
    // Half of the last digit that the table prints.
    #expect(
      abs(got - (try #require(Double(printed)))) <= 0.5e-8, sourceLocation: sourceLocation)
  }
}

@Suite struct `The variance scores of a model` {
  @Test(arguments: ["bert", "roberta", "distilbert"], Recipe.allCases)
  func `are those of its attention rows`(family: String, recipe: Recipe) throws {
    let fixture = try TinyModel(family)
    let alive = HeadMask(layerCount: 2, headCount: 3)
    try fixture.expectScores(of: fixture.texts(5), recipe, alive)
  }

  @Test(arguments: Recipe.allCases)
  func `leave masked heads out of the pass`(recipe: Recipe) throws {
    let fixture = try TinyModel("bert")
    let mask = HeadMask(layerCount: 2, headCount: 3, pruned: [[1], [0, 2]])
    try fixture.expectScores(of: fixture.texts(5), recipe, mask)
  }

  /// 37 texts are a batch of 32 and one of 5, which weigh the same in the reference code.
  @Test(arguments: Recipe.allCases)
  func `are means over texts or means of batch means`(recipe: Recipe) throws {
    let fixture = try TinyModel("bert")
    try fixture.expectScores(
      of: fixture.texts(37), recipe, HeadMask(layerCount: 2, headCount: 3))
  }

  @Test func `order heads from the lowest, equals by layer and head`() {
    let scores = HeadScores(values: [[3, 1, 2], [1, 0, 3]])
    let order = scores.ascending.map { [$0.layer, $0.head] }
    #expect(order == [[1, 1], [0, 1], [1, 0], [0, 2], [0, 0], [1, 2]])
  }
}

@Suite struct `The attention of the last layer` {
  @Test(arguments: ["bert", "roberta", "distilbert"])
  func `is that of the explicit rows, by head and token`(family: String) throws {
    let fixture = try TinyModel(family)
    try fixture.expectLastAttention(HeadMask(layerCount: 2, headCount: 3))
    try fixture.expectLastAttention(HeadMask(layerCount: 2, headCount: 3, pruned: [[1], [0]]))
  }
}

/// The formulas of the scores over rows that are written out and padded with zeros.
enum ExplicitScore {
  static func variance(_ row: [Double], _ length: Int, _ recipe: Recipe) -> Double {
    let padded = row + [Double](repeating: 0, count: length - row.count)
    let counted = recipe == .paper ? padded : Array(padded.dropLast())
    let mean =
      recipe == .paper
      ? 1 / Double(length) : counted.reduce(0, +) / Double(counted.count)
    return counted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(counted.count - 1)
  }

  static func mean(_ values: [Double], _ recipe: Recipe) -> Double {
    let size = recipe == .paper ? values.count : 32
    let means = stride(from: 0, to: values.count, by: size).map { start in
      let batch = values[start..<min(start + size, values.count)]
      return batch.reduce(0, +) / Double(batch.count)
    }
    return means.reduce(0, +) / Double(means.count)
  }
}

/// One of the fixture's models with its batch of five texts.
struct TinyModel {
  let checkpoint: ModelCheckpoint
  private let batch: [[Int32]]
  /// PyTorch's own float32 error of the sums of squares of these texts.
  private let deviation: Double

  /// As long as the longest text, so that the reference code's last position counts.
  private static let paddedLength = 17

  init(_ family: String) throws {
    let fixtures = Path.join(Path.parent(of: Path.parent(of: #filePath)), "Fixtures")
    checkpoint = try ModelCheckpoint.load(directory: "\(fixtures)/models/\(family)")
    let facts = try JSONNode(contentsOf: "\(fixtures)/encoders/\(family).json")
    let node = try facts.required("batch")
    let ids = try node.required("ids").elements().map { Int32(try $0.int()) }
    let offsets = try node.required("offsets").elements().map { try $0.int() }
    batch = zip(offsets, offsets.dropFirst()).map { Array(ids[$0..<$1]) }
    deviation = try facts.required("float32Deviation")
      .required("\(family)/native/plain/clsSquareSums").double()
  }

  /// The five texts over and over.
  func texts(_ count: Int) -> [[Int32]] { (0..<count).map { batch[$0 * 3 % 5] } }

  func expectLastAttention(
    _ mask: HeadMask, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let model = try Classifier(checkpoint, on: CPUBackend.shared)
    let reference = ReferenceEncoder(checkpoint: checkpoint)
    for text in batch {
      let rows = try model.lastAttention(on: EncodedDataset([text], labels: [0]), headMask: mask)
      let expected = try #require(reference.clsAttention(text, alive: mask.alive).last)
      #expect(rows.map(\.count) == expected.map(\.count), sourceLocation: sourceLocation)
      for (own, other) in zip(rows.joined(), expected.joined()) {
        // A weight is the root of a square of the sums that PyTorch errs in so far.
        #expect(
          abs(own - other) <= 2 * deviation + Tolerance.relativeError(terms: Self.paddedLength),
          sourceLocation: sourceLocation)
      }
    }
  }

  func expectScores(
    of texts: [[Int32]], _ recipe: Recipe, _ mask: HeadMask,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let model = try Classifier(checkpoint, on: CPUBackend.shared)
    let data = EncodedDataset(texts, labels: texts.map { _ in 0 })
    let set = try EvaluationSet(data, classCount: 3, batchSize: 4, on: model.backend)
    let scores = try HeadScores(
      of: model, on: set, paddedLength: Self.paddedLength, recipe: recipe, headMask: mask)
    let reference = ReferenceEncoder(checkpoint: checkpoint)
    var rows: [[Int32]: [[[Double]]]] = [:]
    for text in Set(texts) { rows[text] = reference.clsAttention(text, alive: mask.alive) }
    var expected: [Double] = []
    for layer in mask.alive.indices {
      for head in mask.alive[layer].indices {
        let variances = texts.compactMap { text in
          rows[text].map {
            ExplicitScore.variance($0[layer][head], Self.paddedLength, recipe)
          }
        }
        expected.append(ExplicitScore.mean(variances, recipe))
      }
    }
    // A score is a sum of squares of at most 1 over n − 1, less a share of a squared sum of at most 1.
    let divisor = Double(Self.paddedLength - (recipe == .paper ? 1 : 2))
    let rounding = 2 * deviation + Tolerance.relativeError(terms: Self.paddedLength)
    for (place, score) in scores.values.joined().enumerated() {
      let (layer, head) = (place / 3, place % 3)
      // A masked head has no row; what its score would be is nobody's business.
      guard mask[layer, head] else { continue }
      #expect(
        abs(score - expected[place]) <= rounding / divisor, "layer \(layer), head \(head)",
        sourceLocation: sourceLocation)
    }
    // Differences between heads far above the bound make this a test.
    let alive = expected.indices.filter { mask[$0 / 3, $0 % 3] }.map { expected[$0] }
    #expect(
      (alive.max() ?? 0) - (alive.min() ?? 0) > 100 * rounding / divisor,
      sourceLocation: sourceLocation)
  }
}
