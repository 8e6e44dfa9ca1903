public import Tensors

/// A packed batch of token ids on a device.
public struct EncoderBatch: Sendable {
  /// [tokens], int32.
  public let tokenIDs: Tensor
  /// [tokens], int32, from 0 in each text; -1 where a token takes none.
  public let positions: Tensor
  /// Where texts begin.
  public var sequences: PackedSequences
  /// Tokens by id, for the embedding's gradient.
  public let groups: TokenGroups
  /// Tokens by position, counted from the row before that of position 0; nil where all positions
  /// are 0, 1, 2 ….
  public let positionGroups: TokenGroups?
  /// [texts], int32.
  public let labels: Tensor

  /// Uploads a batch in one copy.
  ///
  /// - Parameters:
  ///   - sequenceOffsets: [texts + 1].
  ///   - groupedTokens: places in the batch by group, ascending inside a group.
  ///   - positionGroups: the same by position plus 1, where positions are not simply 0, 1, 2 ….
  public init(
    tokenIDs: [Int32], positions: [Int32], sequenceOffsets: [Int32], labels: [Int32],
    uniqueTokenIDs: [Int32], groupOffsets: [Int32], groupedTokens: [Int32],
    positionGroups: (rows: [Int32], offsets: [Int32], tokens: [Int32])? = nil,
    on backend: any Backend
  ) throws(DeviceError) {
    let lists = [
      tokenIDs, positions, sequenceOffsets, labels, uniqueTokenIDs, groupOffsets, groupedTokens,
      positionGroups?.rows ?? [], positionGroups?.offsets ?? [], positionGroups?.tokens ?? [],
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
      rowCount: backend.rowCount(holding: tokenIDs.count),
      longestSequence: zip(sequenceOffsets, sequenceOffsets.dropFirst()).map { Int($1 - $0) }.max()
        ?? 0)
    self.labels = pieces[3]
    self.groups = TokenGroups(
      uniqueTokenIDs: pieces[4], groupOffsets: pieces[5], groupedTokens: pieces[6])
    self.positionGroups =
      positionGroups == nil
      ? nil
      : TokenGroups(
        uniqueTokenIDs: pieces[7], groupOffsets: pieces[8], groupedTokens: pieces[9])
  }
}
