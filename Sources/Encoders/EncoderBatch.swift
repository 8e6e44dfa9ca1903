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
  /// All of the above, one after the other.
  private let lists: Tensor

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
    let longest =
      zip(sequenceOffsets, sequenceOffsets.dropFirst()).map { Int($1 - $0) }.max() ?? 0
    self.init(
      try Tensor(Array(lists.joined()), on: backend), counts: lists.map(\.count),
      hasPositionGroups: positionGroups != nil
    ) { offsets in
      PackedSequences(
        offsets: offsets, tokenCount: tokenIDs.count,
        rowCount: backend.rowCount(holding: tokenIDs.count), longestSequence: longest)
    }
  }

  /// Room for batches of one size, whose work is recorded once.
  ///
  /// - Parameters:
  ///   - tokens: of the smallest and of the largest batch; the matrices have a row for each of these.
  ///   - longestSequence: at least that of every batch.
  public init(
    roomFor tokens: ClosedRange<Int>, texts: Int, longestSequence: Int, on backend: any Backend
  ) throws(DeviceError) {
    let rows = tokens.upperBound
    let counts = [rows, rows, texts + 1, texts, rows, rows + 1, rows, 0, 0, 0]
    self.init(
      try Tensor([counts.reduce(0, +)], of: .int32, on: backend), counts: counts,
      hasPositionGroups: false
    ) { offsets in
      PackedSequences(
        offsets: offsets, tokenCount: rows, rowCount: rows, longestSequence: longestSequence,
        fewestTokens: tokens.lowerBound)
    }
  }

  /// Puts other texts, for which there is room and whose positions are 0, 1, 2 …, into this batch's
  /// place: for work that is queued after this.
  public func write(
    tokenIDs: [Int32], positions: [Int32], sequenceOffsets: [Int32], labels: [Int32],
    uniqueTokenIDs: [Int32], groupOffsets: [Int32], groupedTokens: [Int32]
  ) throws(DeviceError) {
    let lists = [
      (tokenIDs, self.tokenIDs, -1), (positions, self.positions, 0),
      (sequenceOffsets, sequences.offsets, 0), (labels, self.labels, 0),
      (uniqueTokenIDs, groups.uniqueTokenIDs, -1),
      (groupOffsets, groups.groupOffsets, groupOffsets.last ?? 0),
      (groupedTokens, groups.groupedTokens, 0),
    ]
    precondition(
      sequenceOffsets.count == sequences.offsets.count && tokenIDs.count <= self.tokenIDs.count
        && tokenIDs.count >= sequences.fewestTokens, "the batch has another size")
    try self.lists.write(
      lists.flatMap { list, place, none in
        list + Array(repeating: Int32(none), count: place.count - list.count)
      })
  }

  private init(
    _ lists: Tensor, counts: [Int], hasPositionGroups: Bool,
    _ sequences: (Tensor) -> PackedSequences
  ) {
    var offset = 0
    let pieces = counts.map { count in
      defer { offset += count }
      return lists.slice(at: offset, shape: [count])
    }
    self.lists = lists
    tokenIDs = pieces[0]
    positions = pieces[1]
    self.sequences = sequences(pieces[2])
    labels = pieces[3]
    groups = TokenGroups(
      uniqueTokenIDs: pieces[4], groupOffsets: pieces[5], groupedTokens: pieces[6])
    positionGroups =
      hasPositionGroups
      ? TokenGroups(
        uniqueTokenIDs: pieces[7], groupOffsets: pieces[8], groupedTokens: pieces[9]) : nil
  }
}
