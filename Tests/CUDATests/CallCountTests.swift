import CUDAEmulator
import Checkpoints
import Encoders
import Tensors
import Testing
import Text
import Training

/// What is asked of a GPU that only counts. CKernels/README.md has these numbers.
@Suite(.serialized) struct CallCountTests {
  /// A training step of MiniLM-L6 (6 layers) or BERT-base (12), whose other sizes are no matter, with a linear head.
  struct Example: Sendable {
    let layers: Int
    let precision: Precision
    let hasNorm: Bool
    let launches: Int
  }

  static let examples = [
    Example(layers: 6, precision: .fp32, hasNorm: false, launches: 90),
    Example(layers: 6, precision: .fp32, hasNorm: true, launches: 96),
    Example(layers: 6, precision: .bf16, hasNorm: false, launches: 91),
    Example(layers: 6, precision: .bf16, hasNorm: true, launches: 97),
    Example(layers: 12, precision: .fp32, hasNorm: false, launches: 156),
    Example(layers: 12, precision: .fp32, hasNorm: true, launches: 168),
    Example(layers: 12, precision: .bf16, hasNorm: false, launches: 151),
    Example(layers: 12, precision: .bf16, hasNorm: true, launches: 163),
  ]

  @Test(arguments: examples)
  func `a step queues so many kernels and products, and waits for nothing`(example: Example) throws
  {
    let layers = example.layers
    let backend = try Emulator.openCounting(precision: example.precision)
    let configuration = EncoderConfiguration(
      family: .bert, layerCount: layers, headCount: 2, hiddenSize: 16, intermediateSize: 32,
      vocabularySize: 50, maximumPositionCount: 48)
    let penalty = AttentionPenalty(
      weight: 0.15, layerWeights: Array(repeating: 1, count: layers), followsReferenceCode: false)
    var steps = try GradientAccumulation(
      TrainingStep(
        Classifier(random: configuration, classifier: .linear, seed: 5, on: backend),
        objective: Objective(penalty: example.hasNorm ? penalty : nil), settings: TrainingSettings()
      ))
    try steps.run(batch(tokensPerText: 26), step: 0, learningRate: 1e-4)
    _ = ck_takeCallCounts()
    try steps.run(batch(tokensPerText: 25), step: 1, learningRate: 1e-4)
    // A step of the same size is recorded; all that it asks for is asked for once, but for the copy
    // of the loss that a step which runs out of memory goes back to.
    let recorded = ck_takeCallCounts()
    #expect(Int(recorded.launches) == example.launches - 1 && recorded.replays == 1)
    #expect(Int(recorded.products) == 12 * layers + 3)
    #expect(recorded.uploads == 2 && recorded.choices == 0 && recorded.waits == 0)
    for step in 2..<40 {
      try steps.run(batch(tokensPerText: 26 - step % 2), step: step, learningRate: 1e-4)
      let counts = ck_takeCallCounts()
      #expect(counts.replays == 1 && counts.launches == 0 && counts.products == 0)
      #expect(counts.uploads == 2 && counts.choices == 0)
      #expect(counts.waits == 0 && counts.downloads == 0 && counts.allocations == 0)
    }
    // Another number of tokens: an algorithm for each shape of product, however many layers have it.
    try steps.run(batch(tokensPerText: 27), step: 40, learningRate: 1e-4)
    let counts = ck_takeCallCounts()
    #expect(Int(counts.launches) == example.launches && counts.waits == 0)
    #expect(counts.choices == 12)
    // Sizes repeat: 25 tokens a text take as many rows as 26.
    try steps.run(batch(tokensPerText: 25), step: 41, learningRate: 1e-4)
    #expect(ck_takeCallCounts().choices == 0)
  }

  /// All words are settled in every 256th step, which is not recorded.
  @Test func `steps are replayed but for those that settle all words`() throws {
    let backend = try Emulator.openCounting(precision: .bf16)
    let configuration = EncoderConfiguration(
      family: .bert, layerCount: 2, headCount: 2, hiddenSize: 16, intermediateSize: 32,
      vocabularySize: 50, maximumPositionCount: 48)
    var steps = try GradientAccumulation(
      TrainingStep(
        Classifier(random: configuration, classifier: .linear, seed: 5, on: backend),
        settings: TrainingSettings()))
    for step in 0..<3 { try steps.run(batch(tokensPerText: 26), step: step, learningRate: 1e-3) }
    for step in RowProgress.reach - 2..<RowProgress.reach + 2 {
      _ = ck_takeCallCounts()
      try steps.run(batch(tokensPerText: 26), step: step, learningRate: 1e-3)
      let counts = ck_takeCallCounts()
      #expect((counts.replays == 1) == (step != RowProgress.reach), "step \(step)")
      #expect((counts.launches == 0) == (step != RowProgress.reach), "step \(step)")
    }
  }

  @Test func `texts of any length come in a few sizes, whose products are planned once`() throws {
    let backend = try Emulator.openCounting(precision: .bf16)
    let configuration = EncoderConfiguration(
      family: .bert, layerCount: 2, headCount: 2, hiddenSize: 16, intermediateSize: 32,
      vocabularySize: 50, maximumPositionCount: 48)
    var steps = try GradientAccumulation(
      TrainingStep(
        Classifier(random: configuration, classifier: .linear, seed: 5, on: backend),
        settings: TrainingSettings()))
    for round in 0..<2 {
      for tokens in 4...40 {
        try steps.run(batch(tokensPerText: tokens), step: 37 * round + tokens, learningRate: 1e-4)
      }
      // The products whose rows are texts, nine of the last layer and six of the head, are planned once.
      let choices = Int(ck_takeCallCounts().choices)
      let sizes = Set((4...40).map { backend.rowCount(holding: 32 * $0) }).count
      #expect(sizes == 23)
      #expect(round == 0 ? choices > 12 * sizes && choices <= 12 * sizes + 15 : choices == 0)
    }
  }

  @Test func `rows that hold tokens are less than an eighth more`() throws {
    let backend = try Emulator.backend.get()
    let sizes = (0...70_000).map { (tokens: $0, rows: backend.rowCount(holding: $0)) }
    let isFew = sizes.allSatisfy { $0.rows >= $0.tokens && 8 * ($0.rows - $0.tokens) <= $0.tokens }
    #expect(isFew)
    // Up to 8, eight in each of 13 octaves up to 65536, and one beyond.
    let count = Set(sizes.map(\.rows)).count
    #expect(count == 9 + 8 * 13 + 1)
  }

  /// As batches are: of more tokens than one block sums the rows of, and of fewer texts.
  private func batch(tokensPerText: Int) -> Batch {
    let texts = (0..<32).map { text in (0..<tokensPerText).map { Int32((text + $0) % 50) } }
    return Batch(
      EncodedDataset(texts, labels: texts.map { _ in 0 }), indices: Array(texts.indices))
  }

  @Test(arguments: [10, 2000, 40_000])
  func `the whole of a run is timed, and its shares by a sample`(changes: Int) throws {
    let backend = try Emulator.openCounting(precision: .fp32)
    let tensor = try Tensor([8], on: backend)
    let norm = try Tensor([2], on: backend)
    _ = backend.takeTimings()
    for start in [0, 5000] {
      _ = ck_takeCallCounts()
      // A slow start, which no sample stands for.
      for _ in 0..<start { try backend.fill(tensor, with: 2) }
      for _ in 0..<changes / 2 {
        try backend.fill(tensor, with: 2)
        try backend.globalNorm(of: tensor, into: norm)
      }
      let timings = backend.takeTimings()
      // A launch takes a millisecond. Times are rounded to the clock's units, one kind after the other.
      let launches = Int(ck_takeCallCounts().launches)
      let error = abs((timings.total - .milliseconds(launches)) / .milliseconds(1))
      #expect(launches >= start + changes && error <= Double(launches) * 0x1p-40)
      guard start == 0 else { continue }
      let fills = Double(changes / 2) / Double(launches)
      #expect(abs(timings[.elementwise] / timings.total - fills) < 1e-3)
    }
    #expect(backend.takeTimings().total == .zero)
  }
}
