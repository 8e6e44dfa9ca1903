/// Texts packed end to end for one step: no padding.
public struct Batch: Sendable, Equatable {
  /// The ids of all tokens; `tokenCount` values.
  public let tokenIDs: [Int32]
  /// Where each text begins in `tokenIDs`, and the end of the last one; `count + 1` values.
  public let sequenceOffsets: [Int32]
  /// The place of each token in its text, from 0; `tokenCount` values.
  public let positions: [Int32]
  /// The label of each text, -1 where it has none; `count` values.
  public let labels: [Int32]
  /// Which examples of the data set these are; `count` values.
  public let exampleIndices: [Int]
  /// The different token ids, ascending.
  public let uniqueTokenIDs: [Int32]
  /// Where the tokens of each unique id begin in `groupedTokens`, and the end of the last ones.
  public let groupOffsets: [Int32]
  /// Indices into `tokenIDs`: the tokens of the first unique id, ascending, then of the next.
  ///
  /// A gradient summed in this order is the same whatever the number of threads.
  public let groupedTokens: [Int32]

  /// The number of texts.
  public var count: Int { exampleIndices.count }
  /// The number of tokens of all texts.
  public var tokenCount: Int { tokenIDs.count }
  /// The number of tokens of the longest text.
  public var longestSequence: Int {
    (0..<count).map { Int(sequenceOffsets[$0 + 1] - sequenceOffsets[$0]) }.max() ?? 0
  }

  /// Packs the texts with these indices, in their order.
  public init(_ dataset: EncodedDataset, indices: [Int]) {
    self.init(
      indices.map { dataset[$0] }, labels: indices.map { dataset.labels[$0] },
      exampleIndices: indices)
  }

  /// Some of its texts as a batch of their own.
  public func part(_ texts: Range<Int>) -> Batch {
    Batch(
      texts.map { tokenIDs[Int(sequenceOffsets[$0])..<Int(sequenceOffsets[$0 + 1])] },
      labels: Array(labels[texts]), exampleIndices: Array(exampleIndices[texts]))
  }

  private init(_ texts: [ArraySlice<Int32>], labels: [Int32], exampleIndices: [Int]) {
    var tokenIDs: [Int32] = []
    var sequenceOffsets: [Int32] = [0]
    var positions: [Int32] = []
    for text in texts {
      tokenIDs.append(contentsOf: text)
      positions.append(contentsOf: 0..<Int32(text.count))
      sequenceOffsets.append(Int32(tokenIDs.count))
    }
    self.tokenIDs = tokenIDs
    self.sequenceOffsets = sequenceOffsets
    self.positions = positions
    self.labels = labels
    self.exampleIndices = exampleIndices

    // Id and token in one number sort by id, then by token.
    let keys = tokenIDs.enumerated().map { UInt64($1) << 32 | UInt64($0) }.sorted()
    var unique: [Int32] = []
    var offsets: [Int32] = []
    for (position, key) in keys.enumerated() {
      let id = Int32(key >> 32)
      if unique.last != id {
        unique.append(id)
        offsets.append(Int32(position))
      }
    }
    uniqueTokenIDs = unique
    groupOffsets = offsets + [Int32(keys.count)]
    groupedTokens = keys.map { Int32(truncatingIfNeeded: $0 & 0xFFFF_FFFF) }
  }
}
