public import Files

/// The folder `Tests`.
public let testsFolder = Path.parent(of: Path.parent(of: #filePath))

/// Where the real texts are kept, beside the package, if they are.
public let sharedTexts = Path.join(Path.parent(of: testsFolder), "../shared/data")

/// What numpy draws, and what follows from that (`Fixtures/generate_orders.py`).
public enum OrdersFixture {
  /// The cases of one kind.
  public static func cases(_ kind: String) throws -> [JSONNode] {
    try JSONNode(contentsOf: Path.join(testsFolder, "Fixtures/orders.json")).required(kind)
      .elements()
  }

  /// The hash of lines, as the fixture has it.
  public static func hash(_ lines: [String]) -> String {
    SHA256.hex(of: lines.flatMap { Array("\($0)\n".utf8) })
  }

  /// Whether indices are those of a case that gives their number, the first of them and a hash.
  public static func isOrder(_ indices: [Int], _ node: JSONNode) throws -> Bool {
    try indices.count == node.required("count").int()
      && indices.prefix(8).elementsEqual(node.required("first").integers())
      && hash(indices.map(String.init)) == node.required("sha256").string()
  }
}

extension JSONNode {
  /// An array of integers.
  public func integers() throws -> [Int] { try elements().map { try $0.int() } }
}
