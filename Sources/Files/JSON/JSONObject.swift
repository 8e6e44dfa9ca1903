/// The members of a JSON object, in order, each key once; keys are compared byte by byte.
public struct JSONObject: Sendable {
  /// One key with its value.
  public struct Member: Sendable {
    /// The key.
    public let key: String
    /// The value.
    public var value: JSONValue
  }

  /// All members in the order of the file.
  public private(set) var members: [Member] = []
  private var index = ByteKeyIndex()

  /// An object without members.
  public init() {}

  /// An object with these members; a key may occur once.
  public init(_ members: [(String, JSONValue)]) {
    for (key, value) in members {
      precondition(append(key, value), "the key \(key) occurs twice")
    }
  }

  /// The number of members.
  public var count: Int { members.count }

  /// The keys in the order of the file.
  public var keys: [String] { members.map(\.key) }

  /// The value of a key: setting one that is new appends it, setting nil removes it.
  public subscript(key: String) -> JSONValue? {
    get { position(of: key, hash: ByteKeyIndex.hash(key)).map { members[$0].value } }
    set {
      switch (position(of: key, hash: ByteKeyIndex.hash(key)), newValue) {
      case (let position?, let value?): members[position].value = value
      case (let position?, nil):
        members.remove(at: position)
        index = ByteKeyIndex()
        for (position, member) in members.enumerated() {
          index.insert(ByteKeyIndex.hash(member.key), at: position)
        }
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  /// Adds a member at the end, unless the key is there: then nothing changes.
  ///
  /// - Returns: whether the key was new.
  @discardableResult
  public mutating func append(_ key: String, _ value: JSONValue) -> Bool {
    let hash = ByteKeyIndex.hash(key)
    guard position(of: key, hash: hash) == nil else { return false }
    index.insert(hash, at: members.count)
    members.append(Member(key: key, value: value))
    return true
  }

  private func position(of key: String, hash: Int) -> Int? {
    index.position(hash) { members[$0].key.utf8.elementsEqual(key.utf8) }
  }
}

extension JSONObject: Equatable {
  /// Whether both have the same members in the same order.
  public static func == (one: JSONObject, other: JSONObject) -> Bool {
    one.members.elementsEqual(other.members) {
      $0.key.utf8.elementsEqual($1.key.utf8) && $0.value == $1.value
    }
  }
}

/// Finds keys by their bytes: a table of positions that are searched from the key's hash on.
///
/// `Dictionary<String, …>` would do it by canonical equivalence. The hash is seeded by the process,
/// so nobody can prepare a file whose keys all collide.
private struct ByteKeyIndex: Sendable {
  private var slots: [Entry] = []
  private var count = 0

  private struct Entry: Sendable {
    var hash: Int
    var position: Int32
  }

  private static let free = Entry(hash: 0, position: -1)

  /// The first position of this hash that `isWanted` accepts.
  func position(_ hash: Int, isWanted: (Int) -> Bool) -> Int? {
    guard !slots.isEmpty else { return nil }
    var slot = hash & (slots.count - 1)
    while slots[slot].position >= 0 {
      let position = Int(slots[slot].position)
      if slots[slot].hash == hash, isWanted(position) { return position }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  mutating func insert(_ hash: Int, at position: Int) {
    if 2 * (count + 1) > slots.count { grow() }
    place(Entry(hash: hash, position: Int32(position)))
    count += 1
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: ByteKeyIndex.free, count: max(8, 2 * old.count))
    for entry in old where entry.position >= 0 { place(entry) }
  }

  private mutating func place(_ entry: Entry) {
    var slot = entry.hash & (slots.count - 1)
    while slots[slot].position >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = entry
  }

  static func hash(_ key: String) -> Int {
    var hasher = Hasher()
    var word: UInt64 = 0
    var filled = 0
    for byte in key.utf8 {
      word = word << 8 | UInt64(byte)
      filled += 1
      if filled % 8 == 0 {
        hasher.combine(word)
        word = 0
      }
    }
    hasher.combine(word)
    hasher.combine(filled)
    return hasher.finalize()
  }
}
