/// Texts packed end to end for one step: no padding.
public struct Batch: Sendable, Equatable {
  /// The ids of all tokens; `tokenCount` values.
  public let tokenIDs: [Int32]
  /// Where each text begins in `tokenIDs`, and the end of the last one; `count + 1` values.
  public let sequenceOffsets: [Int32]
  /// The place of each token in its text, from 0, those not counted that take no position;
  /// `tokenCount` values.
  public let positions: [Int32]
  /// The label of each text, -1 where it has none; `count` values.
  public let labels: [Int32]
  /// Which examples of the data set these are; `count` values.
  public let exampleIndices: [Int]
  /// The tokens by id: by the row of the word embedding.
  public let tokensByID: RowGroups
  /// The tokens by position, counted from that of the padding token; nil where all positions are
  /// 0, 1, 2 …, so that a token's place tells its position.
  public let tokensByPosition: RowGroups?
  private let padding: PaddingToken?

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
      exampleIndices: indices, padding: dataset.padding)
  }

  /// Some of its texts as a batch of their own.
  public func part(_ texts: Range<Int>) -> Batch {
    Batch(
      texts.map { tokenIDs[Int(sequenceOffsets[$0])..<Int(sequenceOffsets[$0 + 1])] },
      labels: Array(labels[texts]), exampleIndices: Array(exampleIndices[texts]), padding: padding)
  }

  private init(
    _ texts: [ArraySlice<Int32>], labels: [Int32], exampleIndices: [Int], padding: PaddingToken?
  ) {
    let uncounted = padding.flatMap { $0.takesPosition ? nil : $0.id }
    var tokenIDs: [Int32] = []
    var sequenceOffsets: [Int32] = [0]
    var positions: [Int32] = []
    var isInOrder = true
    for text in texts {
      tokenIDs.append(contentsOf: text)
      if let uncounted, text.contains(uncounted) {
        positions.append(contentsOf: Self.positions(of: text, passingOver: uncounted))
        isInOrder = false
      } else {
        positions.append(contentsOf: 0..<Int32(text.count))
      }
      sequenceOffsets.append(Int32(tokenIDs.count))
    }
    self.tokenIDs = tokenIDs
    self.sequenceOffsets = sequenceOffsets
    self.positions = positions
    self.labels = labels
    self.exampleIndices = exampleIndices
    self.padding = padding
    tokensByID = RowGroups(tokenIDs, untrained: padding?.id)
    tokensByPosition = isInOrder ? nil : RowGroups(positions.map { $0 + 1 }, untrained: 0)
  }

  private static func positions(
    of text: ArraySlice<Int32>, passingOver uncounted: Int32
  ) -> [Int32] {
    var next: Int32 = 0
    return text.map { id in
      if id == uncounted { return -1 }
      defer { next += 1 }
      return next
    }
  }
}
