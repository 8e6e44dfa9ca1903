internal import CKernels

extension Backend {
  /// firstRows[b] = packed[first token of text b]: [rows, size] to [sequences, size].
  public func gatherFirstRows(
    _ packed: Tensor, sequences: PackedSequences, into firstRows: Tensor
  ) throws(DeviceError) {
    unsafe try gatherFirstRows(
      parameters(
        UnsafeMutablePointer(mutating: packed.floats), firstRows.writableFloats,
        packed, sequences, firstRows))
  }

  /// packed[first token of text b] += firstRows[b].
  public func addToFirstRows(
    _ firstRows: Tensor, sequences: PackedSequences, of packed: Tensor
  ) throws(DeviceError) {
    unsafe try addToFirstRows(
      parameters(
        packed.writableFloats, UnsafeMutablePointer(mutating: firstRows.floats), packed,
        sequences, firstRows))
  }

  /// One struct for both directions: only what is written may be told so.
  @unsafe private func parameters(
    _ packedFloats: UnsafeMutablePointer<Float>, _ firstFloats: UnsafeMutablePointer<Float>,
    _ packed: Tensor, _ sequences: PackedSequences, _ firstRows: Tensor
  ) -> CKFirstRows {
    let size = packed.shape[1]
    expect(packed, [sequences.rowCount, size], "packed")
    expect(firstRows, [sequences.sequenceCount, size], "firstRows")
    return unsafe CKFirstRows(
      sequenceCount: Int32(sequences.sequenceCount), size: Int32(size),
      sequenceOffsets: sequences.offsets.integers, packed: packedFloats,
      firstRows: firstFloats)
  }
}
