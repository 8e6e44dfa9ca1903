public import Tensors

/// A packed batch of token ids on a device.
public struct EncoderBatch: Sendable {
  /// [tokens], int32.
  public let tokenIDs: Tensor
  /// [tokens], int32, from 0 in each text.
  public let positions: Tensor
  /// Where texts begin.
  public let sequences: PackedSequences
  /// Tokens by id, for the embedding's gradient.
  public let groups: TokenGroups
  /// [texts], int32.
  public let labels: Tensor

  /// Uploads a batch in one copy.
  ///
  /// - Parameters:
  ///   - sequenceOffsets: [texts + 1].
  ///   - groupedTokens: positions in the batch by group, ascending inside a group.
  public init(
    tokenIDs: [Int32], positions: [Int32], sequenceOffsets: [Int32], labels: [Int32],
    uniqueTokenIDs: [Int32], groupOffsets: [Int32], groupedTokens: [Int32],
    on backend: any Backend
  ) throws(DeviceError) {
    let lists = [
      tokenIDs, positions, sequenceOffsets, labels, uniqueTokenIDs, groupOffsets, groupedTokens,
    ]
    let all = try Tensor(Array(lists.joined()), on: backend)
    var offset = 0
    let pieces = lists.map { list in
      defer { offset += list.count }
      return all.slice(at: offset, shape: [list.count])
    }
    self.tokenIDs = pieces[0]
    self.positions = pieces[1]
    self.sequences = PackedSequences(
      offsets: pieces[2], tokenCount: tokenIDs.count,
      longestSequence: zip(sequenceOffsets, sequenceOffsets.dropFirst()).map { Int($1 - $0) }.max()
        ?? 0)
    self.labels = pieces[3]
    self.groups = TokenGroups(
      uniqueTokenIDs: pieces[4], groupOffsets: pieces[5], groupedTokens: pieces[6])
  }
}
