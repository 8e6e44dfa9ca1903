public import Tensors

/// Every one of attention's kernels for tensor cores: whether all of a pass give the same bits, and
/// which are fast. A GPU's rows of the table of choices are made from it.
public enum AttentionTrial {
  /// A batch of texts and the heads that look at it.
  public struct Batch: Sendable {
    /// Tokens of each text.
    public let lengths: [Int]
    /// Heads of a layer.
    public let headCount: Int
    /// Features of a head, at most 128.
    public let headSize: Int

    /// A batch, and the heads that look at it.
    public init(_ lengths: [Int], headCount: Int, headSize: Int) {
      (self.lengths, self.headCount, self.headSize) = (lengths, headCount, headSize)
    }

    var longest: Int { lengths.max() ?? 0 }
    /// Of the kernels for such heads.
    var features: Int { AttentionVariant.features(holding: headSize) }
  }

  /// How long one kernel, or the two that go together, took.
  public struct Result: Sendable {
    /// What it worked on.
    public let batch: Batch
    /// `forward`, `whole`, or `query` for both kernels of that way.
    public let pass: AttentionVariant.Pass
    /// "128x64x2".
    public let shape: String
    /// Device time of one launch, or of both: the median of several measurements.
    public let time: Duration
    /// The table of choices has it for this batch.
    public let isChosen: Bool
  }

  /// Kernels that give other bits than the plainest of their pass.
  public struct Difference: Sendable {
    /// Which pass.
    public let pass: AttentionVariant.Pass
    /// "128x64x2".
    public let shape: String
    /// For heads of so many features.
    public let features: Int
    /// What differs, and where.
    public let description: String
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

  /// A few texts of each length that decides between kernels, which prove that the trial works and
  /// say nothing of the GPU.
  public static let smallBatches = [[9, 5], [40], [70, 128], [130]].map {
    Batch($0, headCount: 1, headSize: 32)
  }

  /// Lengths around the multiples of 32 and 64, an empty text, heads that fill their registers and
  /// one that does not.
  public static let bitBatches = [30, 64, 128].flatMap { size in
    [[31, 1, 0, 17], [64, 33, 2], [128, 65, 96]].map { Batch($0, headCount: 2, headSize: size) }
  }

  /// Times each kernel that fits the GPU and the batch.
  ///
  /// - Parameter launches: in one measurement.
  public static func time(
    on backend: CUDABackend, batches: [Batch] = batches, launches: Int
  ) throws(DeviceError) -> [Result] {
    var results: [Result] = []
    for batch in batches {
      let work = try AttentionWork(batch, on: backend)
      let chosen = AttentionVariant.chosen(
        architecture: backend.architecture, precision: backend.precision,
        features: batch.features, longest: batch.longest)
      for ways in try ways(batch, on: backend) {
        let tried = try backend.trying(ways)
        results.append(
          Result(
            batch: batch, pass: ways[0].pass, shape: ways[0].shape,
            time: try work.time(of: ways[0].pass, on: tried, launches: launches),
            isChosen: chosen.contains(ways[0])))
      }
    }
    return results
  }

  /// Compares each kernel that fits the GPU with the plainest of its pass: nothing, where all are
  /// right.
  public static func differences(
    on backend: CUDABackend, batches: [Batch] = bitBatches
  ) throws(DeviceError) -> [Difference] {
    var differences: [Difference] = []
    for batch in batches {
      let work = try AttentionWork(batch, on: backend, isThorough: true)
      let ways = try ways(batch, on: backend)
      let plain = ways.filter { $0[0].shape == "32x32x1" && $0[0].pass != .whole }.flatMap { $0 }
      let expected = try work.bits(on: try backend.trying(plain))
      for way in ways {
        let actual = try work.bits(on: try backend.trying(way))
        for (one, other) in zip(actual, expected) where one.bits != other.bits {
          let count = zip(one.bits, other.bits).count { $0 != $1 }
          differences.append(
            Difference(
              pass: way[0].pass, shape: way[0].shape, features: batch.features,
              description: "\(count) of \(one.bits.count) numbers of the \(one.name), texts of "
                + "\(batch.lengths)"))
        }
      }
    }
    return differences
  }

  /// The kernels for a batch, alone or as the two that go together, all compiled.
  ///
  /// - Throws: `DeviceError`, also where the backend is in fp32, which has one kernel of each kind.
  private static func ways(_ batch: Batch, on backend: CUDABackend) throws(DeviceError)
    -> [[AttentionVariant]]
  {
    let fitting = AttentionVariant.all.filter {
      $0.precision == backend.precision && $0.sharedBytes <= backend.sharedMemoryLimit
    }
    _ = try backend.trying(fitting)
    let own = fitting.filter {
      $0.features == batch.features && ($0.pass != .whole || batch.longest <= $0.rows)
    }
    return own.filter { $0.pass != .key }.map { variant in
      [variant]
        + own.filter { variant.pass == .query && $0.pass == .key && $0.shape == variant.shape }
    }
  }
}
