/// Byte-level BPE (GPT-2, RoBERTa): the bytes of a word, joined pair by pair in the order of ranks.
struct BytePairEncoding: Sendable {
  /// What becomes of a byte that the vocabulary lacks.
  enum MissingByte: Sendable, Equatable {
    case dropped
    case unknown(Int32)
    /// A run of them is one token.
    case fusedUnknown(Int32)
  }

  private struct Pair: Hashable {
    var left: Int32
    var right: Int32
  }

  private struct Product {
    var rank: Int32
    var id: Int32
  }

  private var byteIDs: [Int32] = []
  private var merges: [Pair: Product] = [:]
  private let missingByte: MissingByte

  /// What a byte becomes that the vocabulary lacks; nil: nothing.
  var unknownID: Int32? {
    switch missingByte {
    case .dropped: nil
    case .unknown(let id), .fusedUnknown(let id): id
    }
  }

  /// - Parameters:
  ///   - merges: pairs of tokens in the order of their ranks; the last of two equal ones counts.
  ///   - product: the id of the token that a pair becomes.
  init(
    byteIDs: [Int32?], merges: [(left: Int32, right: Int32, product: Int32)],
    missingByte: MissingByte = .dropped
  ) {
    precondition(byteIDs.count == 256, "There are 256 bytes.")
    self.byteIDs = byteIDs.map { $0 ?? -1 }
    self.missingByte = missingByte
    self.merges.reserveCapacity(merges.count)
    for (rank, merge) in merges.enumerated() {
      self.merges[Pair(left: merge.left, right: merge.right)] =
        Product(rank: Int32(rank), id: merge.product)
    }
  }

  /// Appends the ids of text and stops soon after there are `limit` of them.
  func encode(
    _ text: Span<UInt8>, into ids: inout [Int32], limit: Int, cache: inout WordCache
  ) {
    var start = 0
    while start < text.count && ids.count < limit {
      let end = ByteLevelWords.end(text, from: start)
      let word = text.extracting(start..<end)
      if !cache.append(word, to: &ids) {
        let countBefore = ids.count
        encodeWord(word, into: &ids)
        cache.store(word, ids[countBefore...])
      }
      start = end
    }
  }

  /// A token of a word that shrinks: a doubly linked list within an array.
  private struct Symbol {
    var id: Int32
    var previous: Int
    var next: Int
    var isAlive = true
  }

  private func encodeWord(_ word: Span<UInt8>, into ids: inout [Int32]) {
    var symbols = initialSymbols(word)
    var queue = MergeQueue()
    func enqueue(_ position: Int) {
      let next = symbols[position].next
      guard next < symbols.count else { return }
      let pair = Pair(left: symbols[position].id, right: symbols[next].id)
      guard let product = merges[pair] else { return }
      queue.insert(.init(rank: product.rank, position: position, id: product.id))
    }
    for position in symbols.indices { enqueue(position) }

    while let candidate = queue.popFirst() {
      let position = candidate.position
      guard symbols[position].isAlive else { continue }
      let next = symbols[position].next
      guard next < symbols.count else { continue }
      // An entry is out of date if its pair has become another one with another product.
      let pair = Pair(left: symbols[position].id, right: symbols[next].id)
      guard merges[pair]?.id == candidate.id else { continue }

      symbols[position].id = candidate.id
      symbols[next].isAlive = false
      let after = symbols[next].next
      symbols[position].next = after
      if after < symbols.count { symbols[after].previous = position }
      if symbols[position].previous >= 0 { enqueue(symbols[position].previous) }
      enqueue(position)
    }
    for symbol in symbols where symbol.isAlive { ids.append(symbol.id) }
  }

  private func initialSymbols(_ word: Span<UInt8>) -> [Symbol] {
    var tokens: [Int32] = []
    tokens.reserveCapacity(word.count)
    var followsUnknown = false
    for index in 0..<word.count {
      let id = byteIDs[Int(word[index])]
      if id >= 0 {
        tokens.append(id)
        followsUnknown = false
        continue
      }
      switch missingByte {
      case .dropped: break
      case .unknown(let unknown): tokens.append(unknown)
      case .fusedUnknown(let unknown):
        if !followsUnknown { tokens.append(unknown) }
        followsUnknown = true
      }
    }
    return tokens.enumerated().map { Symbol(id: $1, previous: $0 - 1, next: $0 + 1) }
  }
}

/// Merges that could be made, the one of the lowest rank first, of equal ones the leftmost.
private struct MergeQueue {
  struct Entry {
    var rank: Int32
    var position: Int
    var id: Int32

    static func < (one: Entry, other: Entry) -> Bool {
      (one.rank, one.position) < (other.rank, other.position)
    }
  }

  /// A binary heap: no entry comes before its parent, which is at half its index.
  private var heap: [Entry] = []

  mutating func insert(_ entry: Entry) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child] < heap[parent] else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func popFirst() -> Entry? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if heap.isEmpty { return first }
    heap[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < heap.count else { return first }
      if child + 1 < heap.count && heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < heap[parent] else { return first }
      heap.swapAt(child, parent)
      parent = child
    }
  }
}
