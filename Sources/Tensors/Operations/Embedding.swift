internal import CKernels

/// Tokens grouped by id, so that the embedding's gradient is summed in one order (`embedding.h`).
public struct TokenGroups: Sendable {
  /// [groupCount], ascending.
  public let uniqueTokenIDs: Tensor
  /// [groupCount + 1].
  public let groupOffsets: Tensor
  /// [tokenCount], rows by group.
  public let groupedTokens: Tensor

  /// Names the three lists, int32 on the device.
  public init(uniqueTokenIDs: Tensor, groupOffsets: Tensor, groupedTokens: Tensor) {
    precondition(
      groupOffsets.count == uniqueTokenIDs.count + 1, "each group has a beginning and an end")
    self.uniqueTokenIDs = uniqueTokenIDs
    self.groupOffsets = groupOffsets
    self.groupedTokens = groupedTokens
  }
}

extension Backend {
  /// output[t] = word[tokenIDs[t]] + position[positions[t] + positionOffset] + tokenType[0].
  ///
  /// - Parameters:
  ///   - tokenIDs: [tokens], int32.
  ///   - positions: [tokens], int32; the least is -positionOffset.
  ///   - word: [vocabularySize, size]; `position`: [maximumPositionCount, size].
  ///   - tokenType: [tokenTypeCount, size], or nil where the family has none.
  ///   - output: [rows, size], at least as many as tokens; those behind them become zero.
  public func embedding(
    tokenIDs: Tensor, positions: Tensor, positionOffset: Int, word: Tensor, position: Tensor,
    tokenType: Tensor?, into output: Tensor
  ) throws(DeviceError) {
    let (tokens, size) = (tokenIDs.count, word.shape[1])
    expect(positions, [tokens], "positions")
    let rows = output.shape[0]
    precondition(rows >= tokens, "\(rows) rows do not hold \(tokens) tokens")
    expect(output, [rows, size], "output")
    unsafe try embeddingForward(
      CKEmbeddingForward(
        tokenCount: Int32(tokens), rowCount: Int32(rows), size: Int32(size),
        positionOffset: Int32(positionOffset),
        tokenIDs: tokenIDs.integers, positions: positions.integers, word: word.floats,
        position: position.floats, tokenType: tokenType?.floats, output: output.writableFloats))
  }

  /// Adds the gradients of `embedding` to the rows that the tokens name.
  ///
  /// - Parameters:
  ///   - groups: tokens by id. Those that lie in no group get no gradient, as a padding token does.
  ///   - positionGroups: tokens by the row of `dPosition` from `positionOffset - 1` on; nil where
  ///     positions are 0, 1, 2 … in each text.
  public func embeddingGradient(
    _ dOutput: Tensor, sequences: PackedSequences, groups: TokenGroups,
    positionGroups: TokenGroups? = nil, positionOffset: Int, dWord: Tensor, dPosition: Tensor,
    dTokenType: Tensor?
  ) throws(DeviceError) {
    guard let positionGroups else {
      return try embeddingGradient(
        dOutput, sequences, groups, positionOffset: positionOffset,
        longestSequence: sequences.longestSequence, dWord: dWord, dPosition: dPosition,
        dTokenType: dTokenType)
    }
    // The sum of rows by group is one and the same for both tables.
    let (firstRow, size) = (positionOffset - 1, dPosition.shape[1])
    precondition(firstRow >= 0, "no row lies before that of position 0")
    let rows = dPosition.slice(
      at: firstRow * size, shape: [dPosition.shape[0] - firstRow, size])
    try embeddingGradient(
      dOutput, sequences, groups, positionOffset: positionOffset, longestSequence: 0,
      dWord: dWord, dPosition: dPosition, dTokenType: dTokenType)
    try embeddingGradient(
      dOutput, sequences, positionGroups, positionOffset: positionOffset, longestSequence: 0,
      dWord: rows, dPosition: dPosition, dTokenType: nil)
  }

  /// - Parameter longestSequence: how many positions are summed by place in the text.
  private func embeddingGradient(
    _ dOutput: Tensor, _ sequences: PackedSequences, _ groups: TokenGroups, positionOffset: Int,
    longestSequence: Int, dWord: Tensor, dPosition: Tensor, dTokenType: Tensor?
  ) throws(DeviceError) {
    let size = dWord.shape[1]
    expect(dOutput, [sequences.rowCount, size], "dOutput")
    expect(groups.groupedTokens, [sequences.tokenCount], "groupedTokens")
    unsafe try embeddingBackward(
      CKEmbeddingBackward(
        tokenCount: Int32(sequences.tokenCount), size: Int32(size),
        sequenceCount: Int32(sequences.sequenceCount),
        groupCount: Int32(groups.uniqueTokenIDs.count), positionOffset: Int32(positionOffset),
        longestSequence: Int32(longestSequence),
        sequenceOffsets: sequences.offsets.integers,
        uniqueTokenIDs: groups.uniqueTokenIDs.integers, groupOffsets: groups.groupOffsets.integers,
        groupedTokens: groups.groupedTokens.integers, dOutput: dOutput.floats,
        dWord: dWord.writableFloats, dPosition: dPosition.writableFloats,
        dTokenType: dTokenType?.writableFloats))
  }
}
