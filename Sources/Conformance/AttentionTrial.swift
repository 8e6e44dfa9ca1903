public import Tensors

/// Every one of attention's kernels for tensor cores against the clock, where a GPU's row of the table
/// of choices is made from.
public enum AttentionTrial {
  /// A batch of texts and the heads that look at it.
  public struct Batch: Sendable {
    /// Tokens of each text.
    public let lengths: [Int]
    /// Heads of a layer.
    public let headCount: Int
    /// Features of a head: 32, 64 or 128.
    public let headSize: Int

    /// A batch, and the heads that look at it.
    public init(_ lengths: [Int], headCount: Int, headSize: Int) {
      (self.lengths, self.headCount, self.headSize) = (lengths, headCount, headSize)
    }
  }

  /// How long one kernel, or the two that go together, took.
  public struct Result: Sendable {
    /// What it worked on.
    public let batch: Batch
    /// `forward`, `whole`, or `query` for both kernels of that way.
    public let pass: AttentionVariant.Pass
    /// "128x64x2".
    public let shape: String
    /// Device time of one launch, or of both.
    public let time: Duration
    /// The table of choices has it for this batch.
    public let isChosen: Bool
  }

  /// MiniLM's, BERT-base's and larger heads, on texts as SST-2 has them, of twice their length, and
  /// of 128 to 512 tokens.
  public static let batches: [Batch] = {
    let heads = [(12, 32), (12, 64), (8, 128)]
    let short = (0..<32).map { 6 + $0 * 7 % 27 }
    let texts = [
      short, short.map { 2 * $0 }, Array(repeating: 128, count: 32),
      Array(repeating: 128, count: 256), Array(repeating: 256, count: 64),
      Array(repeating: 512, count: 32),
    ]
    return heads.flatMap { heads in
      texts.map { Batch($0, headCount: heads.0, headSize: heads.1) }
    }
  }()

  /// A few texts of each length that decides between kernels, which prove that the trial works and say
  /// nothing of the GPU.
  public static let smallBatches = [[9, 5], [40], [70, 128], [130]].map {
    Batch($0, headCount: 1, headSize: 32)
  }

  /// Times each kernel that fits the GPU and the batch, after a first launch of it.
  ///
  /// - Throws: `DeviceError`, also where the backend is in fp32, which has one kernel of each kind.
  public static func run(
    on backend: CUDABackend, batches: [Batch] = batches, launches: Int,
    report: (Result) -> Void = { _ in }
  ) throws(DeviceError) -> [Result] {
    guard backend.precision != .fp32 else {
      throw .unavailable(
        device: backend.device,
        reason:
          "attention has one kernel of each kind in fp32, and variants to try in tf32 and bf16",
        tried: [])
    }
    let fitting = AttentionVariant.all.filter {
      $0.precision == backend.precision && $0.sharedBytes <= backend.sharedMemoryLimit
    }
    _ = try backend.trying(fitting)
    var results: [Result] = []
    for batch in batches {
      let work = try Work(batch, on: backend)
      let longest = batch.lengths.max() ?? 0
      let chosen = AttentionVariant.chosen(
        architecture: backend.architecture, precision: backend.precision,
        features: batch.headSize, longest: longest)
      for variant in fitting where variant.features == batch.headSize {
        guard variant.pass != .key, variant.pass != .whole || longest <= variant.rows else {
          continue
        }
        let together = fitting.filter {
          $0 == variant
            || variant.pass == .query && $0.pass == .key && $0.features == variant.features
              && $0.shape == variant.shape
        }
        let tried = try backend.trying(together)
        let result = Result(
          batch: batch, pass: variant.pass, shape: variant.shape,
          time: try work.time(of: variant.pass, on: tried, launches: launches),
          isChosen: chosen.contains(variant))
        results.append(result)
        report(result)
      }
    }
    return results
  }

  /// Inputs of one batch, and what is computed of them.
  private struct Work {
    let inputs: AttentionInputs
    let context: Tensor
    let logSumExp: Tensor
    let dContext: Tensor
    let gradient: Tensor

    init(_ batch: Batch, on backend: CUDABackend) throws(DeviceError) {
      let size = batch.headCount * batch.headSize, rows = batch.lengths.reduce(0, +)
      var generator = Generator(seed: 3)
      // What takes longest is to make numbers, and no kernel's time depends on them.
      let numbers = generator.normal(65_537)
      func matrix(_ columns: Int) throws(DeviceError) -> Tensor {
        try Tensor(
          (0..<rows * columns).map { numbers[$0 % numbers.count] }, shape: [rows, columns],
          on: backend)
      }
      let projected = try matrix(3 * size)
      dContext = try matrix(size)
      context = try Tensor([rows, size], on: backend)
      logSumExp = try Tensor([rows, batch.headCount], on: backend)
      gradient = try Tensor([rows, 3 * size], on: backend)
      var offsets: [Int32] = [0]
      for length in batch.lengths { offsets.append(offsets[offsets.count - 1] + Int32(length)) }
      inputs = AttentionInputs(
        sequences: PackedSequences(
          offsets: try Tensor(offsets, on: backend), tokenCount: rows,
          longestSequence: batch.lengths.max() ?? 0),
        query: Columns(projected, offset: 0, size: size),
        key: Columns(projected, offset: size, size: size),
        value: Columns(projected, offset: 2 * size, size: size), headCount: batch.headCount,
        dropout: Dropout(probability: 0.1, seed: 1, step: 1, site: 1))
      try backend.attention(inputs, into: context, logSumExp: logSumExp)
    }

    func time(of pass: AttentionVariant.Pass, on backend: CUDABackend, launches: Int)
      throws(DeviceError) -> Duration
    {
      try run(pass, on: backend)
      _ = backend.takeTimings()
      for _ in 0..<launches { try run(pass, on: backend) }
      return backend.takeTimings().total / launches
    }

    private func run(_ pass: AttentionVariant.Pass, on backend: CUDABackend) throws(DeviceError) {
      if pass == .forward {
        return try backend.attention(inputs, into: context, logSumExp: logSumExp)
      }
      let size = context.shape[1]
      try backend.attentionGradient(
        dContext, inputs: inputs, context: context, logSumExp: logSumExp,
        dQuery: Columns(gradient, offset: 0, size: size),
        dKey: Columns(gradient, offset: size, size: size),
        dValue: Columns(gradient, offset: 2 * size, size: size))
    }
  }
}
