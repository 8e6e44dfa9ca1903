/// The tokens of a batch, grouped by the row of a table that each reads.
///
/// A gradient summed in this order is the same whatever the number of threads.
public struct RowGroups: Sendable, Equatable {
  /// The different rows, ascending.
  public let rows: [Int32]
  /// Where the tokens of each row begin in `tokens`, and the end of the last ones.
  public let offsets: [Int32]
  /// The tokens of the first row, ascending, then of the next; after all of them those of the row
  /// that is not trained.
  public let tokens: [Int32]

  /// Groups tokens by `rowOfToken`, none of which is negative.
  ///
  /// - Parameter untrained: the row whose group stays empty, so that no gradient reaches it.
  init(_ rowOfToken: [Int32], untrained: Int32?) {
    // Row and token in one number sort by row, then by token.
    let keys = rowOfToken.enumerated().map { UInt64($1) << 32 | UInt64($0) }.sorted()
    var rows: [Int32] = []
    var offsets: [Int32] = []
    var tokens: [Int32] = []
    var rest: [Int32] = []
    for key in keys {
      let row = Int32(key >> 32)
      if rows.last != row {
        rows.append(row)
        offsets.append(Int32(tokens.count))
      }
      let token = Int32(truncatingIfNeeded: key & 0xFFFF_FFFF)
      if row == untrained { rest.append(token) } else { tokens.append(token) }
    }
    self.rows = rows
    self.offsets = offsets + [Int32(tokens.count)]
    self.tokens = tokens + rest
  }
}
