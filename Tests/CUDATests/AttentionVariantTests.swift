import Tensors
import Testing

/// Which of attention's kernels for tensor cores is launched is a matter of time alone.
@Suite struct AttentionVariantTests {
  /// The shapes that a kernel is held against: the rest of `KernelTests` are checked against these.
  private static let plain = AttentionVariant.all.filter { $0.shape == "32x32x1" }

  private struct Group: Hashable, CustomTestStringConvertible {
    let features: Int
    let precision: Precision
    var testDescription: String { "\(features) features, \(precision)" }
  }

  private static let groups = Set(
    AttentionVariant.all.map { Group(features: $0.features, precision: $0.precision) }
  ).sorted { ($0.features, $0.precision.rawValue) < ($1.features, $1.precision.rawValue) }

  /// Lengths around the multiples of 32 and 64, an empty text, a masked head, inert rows, dropout,
  /// the norm term in a text's first row.
  @Test(arguments: groups)
  private func `every variant of a pass gives the same bits`(group: Group) throws {
    let emulator = try Emulator.open(
      cacheFolder: nil, precision: group.precision, situation: "H100"
    ).get()
    let here = AttentionVariant.all.filter {
      $0.features == group.features && $0.precision == group.precision
    }
    let headSize = group.features == 32 ? 30 : group.features
    for lengths in [[31, 1, 0, 17], [64, 33, 2], [128, 65, 96]] {
      let longest = try #require(lengths.max())
      let work = try AttentionWork(lengths, headSize: headSize, inert: 5)
      let expected = try work.results(
        on: try emulator.trying(Self.plain.filter { $0.pass != .whole }))
      func expectEqual(_ variants: [AttentionVariant], at place: String) throws {
        let actual = try work.results(on: try emulator.trying(variants))
        #expect(actual.map(\.name) == expected.map(\.name))
        for (one, other) in zip(actual, expected) {
          #expect(one.bits == other.bits, "\(one.name) of \(place), texts of \(lengths)")
        }
      }
      for variant in here {
        switch variant.pass {
        case .forward: try expectEqual([variant], at: "forward \(variant.shape)")
        case .query:
          let key = try #require(here.first { $0.pass == .key && $0.shape == variant.shape })
          try expectEqual([variant, key], at: "query and key \(variant.shape)")
        case .key: break
        case .whole:
          if longest <= variant.rows { try expectEqual([variant], at: "whole \(variant.shape)") }
        }
      }
    }
  }

  /// What a block may have by the CUDA programming guide, in KiB.
  private static let sharedMemory: [Int: Int] = [80: 163, 86: 99, 89: 99, 90: 227, 120: 99]

  @Test(arguments: groups, sharedMemory.keys.sorted())
  private func `every choice is a kernel that fits its architecture, whatever the length`(
    group: Group, architecture: Int
  ) throws {
    let most = try #require(Self.sharedMemory[architecture]) << 10
    for longest in [1, 32, 33, 64, 65, 128, 129, 512, 513, 100_000] {
      let chosen = AttentionVariant.chosen(
        architecture: architecture, precision: group.precision, features: group.features,
        longest: longest)
      #expect([[.forward, .whole], [.forward, .query, .key]].contains(chosen.map(\.pass)))
      for variant in chosen {
        #expect(variant.sharedBytes <= most, "\(variant.shape)")
        #expect(variant.features == group.features && variant.precision == group.precision)
        #expect(variant.pass != .whole || variant.rows >= longest, "\(variant.shape)")
      }
    }
  }

  @Test func `an architecture that the table has not takes the next older one's rows`() {
    func chosen(_ architecture: Int) -> [AttentionVariant] {
      AttentionVariant.chosen(
        architecture: architecture, precision: .tf32, features: 64, longest: 128)
    }
    for (newer, known) in [(87, 86), (100, 90), (103, 90), (121, 120)] {
      #expect(chosen(newer) == chosen(known))
    }
    #expect(chosen(86) != chosen(90), "the two differ, or this shows nothing")
  }
}

/// Inputs of attention, and all that it computes of them.
private struct AttentionWork {
  let lengths: [Int]
  let headSize: Int
  let inert: Int
  private let heads = 2
  private let projected: [Float]
  private let dContext: [Float]

  init(_ lengths: [Int], headSize: Int, inert: Int) throws {
    (self.lengths, self.headSize, self.inert) = (lengths, headSize, inert)
    var random = Philox(seed: 7, stream: UInt64(lengths.count))
    let rows = lengths.reduce(0, +) + inert, size = heads * headSize
    projected = (0..<rows * 3 * size).map { _ in Float(4 * random.uniform() - 2) }
    dContext = (0..<rows * size).map { _ in Float(2 * random.uniform() - 1) }
  }

  func results(on backend: any Backend) throws -> [(name: String, bits: [UInt32])] {
    let rows = lengths.reduce(0, +) + inert, size = heads * headSize
    let projected = try Tensor(projected, shape: [rows, 3 * size], on: backend)
    let dContext = try Tensor(dContext, shape: [rows, size], on: backend)
    let gradient = try Tensor([rows, 3 * size], on: backend)
    let context = try Tensor([rows, size], on: backend)
    let logSumExp = try Tensor([rows, heads], on: backend)
    let squares = try Tensor([lengths.count, heads], on: backend)
    var offsets: [Int32] = [0]
    for length in lengths { offsets.append(offsets[offsets.count - 1] + Int32(length)) }
    func columns(_ matrix: Tensor, _ place: Int) -> Columns {
      Columns(matrix, offset: place * size, size: size)
    }
    let inputs = AttentionInputs(
      sequences: PackedSequences(
        offsets: try Tensor(offsets, on: backend), tokenCount: rows - inert, rowCount: rows,
        longestSequence: lengths.max() ?? 0),
      query: columns(projected, 0), key: columns(projected, 1), value: columns(projected, 2),
      headCount: heads, headMask: try Tensor([Float(1), lengths.count == 4 ? 0 : 1], on: backend),
      dropout: Dropout(probability: 0.25, seed: 5, step: 1, site: 3))
    try backend.attention(
      inputs, into: context, logSumExp: logSumExp, cls: CLSAttention(squareSum: squares))
    try backend.attentionGradient(
      dContext, inputs: inputs, context: context, logSumExp: logSumExp,
      clsCoefficient: try Tensor(
        (0..<lengths.count * heads).map { $0 % 3 == 1 ? 0 : 0.5 }, shape: [lengths.count, heads],
        on: backend), dQuery: columns(gradient, 0), dKey: columns(gradient, 1),
      dValue: columns(gradient, 2))
    return try [
      ("context", context), ("logSumExp", logSumExp), ("squares", squares), ("gradient", gradient),
    ].map { ($0.0, try $0.1.hostFloats().map(\.bitPattern)) }
  }
}
