internal import Files

/// What a search keeps of each token.
protocol TokenResult {
  var json: JSONValue { get }
  init(_ node: JSONNode) throws(InputError)
}

/// What an interrupted search goes on from: one file, replaced as a whole.
final class SearchState<Result: TokenResult> {
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

  /// The results that were kept, none where there is no file.
  ///
  /// - Throws: `InputError` for a file that was changed, or is of another search.
  func load(upTo count: Int) throws(InputError) -> [Result] {
    guard Path.exists(path) else { return [] }
    let node = try JSONNode(contentsOf: path, limit: 1 << 30)
    let written = try node.required("responses")
    guard try node.required("key").string() == key,
      try node.required("sha256").string()
        == SHA256.hex(of: written.value.serialized(.canonical))
    else { throw damage() }
    var results: [Result] = []
    for element in try written.elements() { results.append(try Result(element)) }
    guard results.count <= count else { throw damage() }
    return results
  }

  /// Keeps what there is.
  func save(_ results: [Result]) throws(InputError) {
    let value = JSONValue.array(results.map(\.json))
    let document: JSONValue = [
      "key": .string(key), "sha256": .string(SHA256.hex(of: value.serialized(.canonical))),
      "responses": value,
    ]
    try AtomicFile.write(document.serialized(), to: path)
    lastSaved = .now
  }

  /// The same, if it was some time ago.
  func saveNowAndThen(_ results: [Result]) throws(InputError) {
    if ContinuousClock.now - lastSaved > .seconds(20) { try save(results) }
  }

  private func damage() -> InputError {
    InputError(
      file: path, problem: "is not as the search left it: it was damaged or changed since",
      remedy: "delete it and run the same command again")
  }
}

extension Collapse: TokenResult {
  var json: JSONValue { [.double(share), .double(distance)] }

  init(_ node: JSONNode) throws(InputError) {
    let numbers = try node.elements()
    guard numbers.count == 2 else {
      throw node.error("is no pair of a share and a distance", remedy: "run the scan again")
    }
    self.init(share: try numbers[0].double(), distance: try numbers[1].double())
  }
}

extension Response: TokenResult {
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
