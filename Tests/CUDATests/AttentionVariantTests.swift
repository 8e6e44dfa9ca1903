import Conformance
import Tensors
import Testing

/// Which of attention's kernels for tensor cores is launched is a matter of time alone.
@Suite struct AttentionVariantTests {
  private struct Group: Hashable, CustomTestStringConvertible {
    let features: Int
    let precision: Precision
    var testDescription: String { "\(features) features, \(precision)" }
  }

  private static let groups = Set(
    AttentionVariant.all.map { Group(features: $0.features, precision: $0.precision) }
  ).sorted { ($0.features, $0.precision.rawValue) < ($1.features, $1.precision.rawValue) }

  @Test(arguments: AttentionTrial.bitBatches.indices, [Precision.tf32, .bf16])
  func `every variant of a pass gives the same bits`(batch: Int, precision: Precision) throws {
    let emulator = try Emulator.open(cacheFolder: nil, precision: precision, situation: "H100")
      .get()
    let differences = try AttentionTrial.differences(
      on: emulator, batches: [AttentionTrial.bitBatches[batch]])
    #expect(differences.isEmpty, "\(differences)")
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
    #expect(AttentionVariant.architectures == Set(Self.sharedMemory.keys))
  }
}
