/// The ids of words seen before, up to a few megabytes.
struct WordCache {
  private var table = ByteStringTable()
  /// For each word the number of its ids, then the ids.
  private var entries: [Int32] = []
  private static let longestWord = 64
  private static let byteLimit = 1 << 20

  /// Appends the ids of a word if it is known.
  mutating func append(_ word: Span<UInt8>, to ids: inout [Int32]) -> Bool {
    guard word.count <= Self.longestWord, let start = table.value(of: word) else { return false }
    let first = Int(start) + 1
    ids.append(contentsOf: entries[first..<first + Int(entries[first - 1])])
    return true
  }

  /// Remembers the ids of a word.
  mutating func store(_ word: Span<UInt8>, _ ids: ArraySlice<Int32>) {
    guard word.count <= Self.longestWord else { return }
    if table.byteCount > Self.byteLimit {
      table.removeAll()
      entries.removeAll(keepingCapacity: true)
    }
    table.insert(word, value: Int32(entries.count))
    entries.append(Int32(ids.count))
    entries.append(contentsOf: ids)
  }
}
