internal import Files

/// What an interrupted search goes on from: one file, replaced as a whole.
final class SearchState {
  private let path: String
  private let key: String
  private var lastSaved = ContinuousClock.now

  /// - Parameters:
  ///   - directory: where it lies.
  ///   - key: of the stage; nothing goes on from another one's.
  init(in directory: String, key: String) {
    path = Path.join(directory, "search-\(key.prefix(16)).json")
    self.key = key
  }

  /// The responses that were kept, none where there is no file.
  ///
  /// - Throws: `InputError` for a file that was changed, or is of another search.
  func load(upTo count: Int) throws(InputError) -> [Response] {
    guard Path.exists(path) else { return [] }
    let node = try JSONNode(contentsOf: path, limit: 1 << 30)
    let written = try node.required("responses")
    guard try node.required("key").string() == key,
      try node.required("sha256").string()
        == SHA256.hex(of: written.value.serialized(.canonical))
    else { throw damage() }
    var responses: [Response] = []
    for element in try written.elements() { responses.append(try Response(element)) }
    guard responses.count <= count else { throw damage() }
    return responses
  }

  /// Keeps what there is.
  func save(_ responses: [Response]) throws(InputError) {
    let value = JSONValue.array(responses.map(\.json))
    let document: JSONValue = [
      "key": .string(key), "sha256": .string(SHA256.hex(of: value.serialized(.canonical))),
      "responses": value,
    ]
    try AtomicFile.write(document.serialized(), to: path)
    lastSaved = .now
  }

  /// The same, if it was some time ago.
  func saveNowAndThen(_ responses: [Response]) throws(InputError) {
    if ContinuousClock.now - lastSaved > .seconds(20) { try save(responses) }
  }

  private func damage() -> InputError {
    InputError(
      file: path, problem: "is not as the search left it: it was damaged or changed since",
      remedy: "delete it and run the same command again")
  }
}

extension Response {
  var json: JSONValue {
    [
      "margins": .array(margins.map(JSONValue.double)), "counts": .array(counts.map(JSONValue.int)),
    ]
  }

  init(_ node: JSONNode) throws(InputError) {
    var (margins, counts): ([Double], [Int]) = ([], [])
    for element in try node.required("margins").elements() { margins.append(try element.double()) }
    for element in try node.required("counts").elements() { counts.append(try element.int()) }
    self.init(margins: margins, counts: counts)
  }
}
