import Files

/// The tokens of a model, keyed by bytes: canonically equal tokens stay apart.
struct Vocabulary: Sendable {
  private var table: ByteStringTable
  private var tokens: [Int32: [UInt8]] = [:]
  /// The length in bytes of the longest token.
  private(set) var longestToken = 0

  init(minimumCapacity: Int = 0) {
    table = ByteStringTable(minimumCapacity: minimumCapacity)
    tokens.reserveCapacity(minimumCapacity)
  }

  /// The number of different tokens.
  var count: Int { table.count }

  /// The ids in use.
  var ids: some Collection<Int32> { tokens.keys }

  /// Adds a token; the last id given to a token is the one that counts.
  mutating func insert(_ token: [UInt8], id: Int32) {
    table.insert(token.span, value: id)
    tokens[id] = token
    longestToken = max(longestToken, token.count)
  }

  /// The id of a token.
  func id(of token: [UInt8]) -> Int32? { table.value(of: token.span) }

  /// The id of a token that is given as text.
  func id(of token: String) -> Int32? { id(of: Array(token.utf8)) }

  /// The id of `prefix` followed by `text[start..<end]`, whose `ByteHash` is given.
  @inline(__always)
  func id(prefix: [UInt8], _ text: Span<UInt8>, _ start: Int, _ end: Int, hash: UInt32) -> Int32? {
    table.value(prefix: prefix, text, start, end, hash: hash)
  }

  /// The bytes of the token with an id.
  func token(for id: Int32) -> [UInt8]? { tokens[id] }
}

extension Vocabulary {
  /// Ids beyond this would ask for embeddings of many gigabytes.
  static let idRange = 0...0xFF_FFFF

  /// The tokens of an object in a file, with their ids.
  init(_ node: JSONNode) throws(InputError) {
    let members = try node.members()
    self.init(minimumCapacity: members.count)
    for (token, id) in members {
      insert(Array(token.utf8), id: Int32(try id.int(in: Self.idRange)))
    }
  }
}
