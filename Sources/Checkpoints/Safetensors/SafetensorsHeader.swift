import Files

/// The table at the beginning of a safetensors file, believed only after every number was checked.
///
/// Stricter than the reference implementation 0.8 where that is looser than its own specification:
/// the header begins with a brace, is padded by spaces alone, and no key occurs twice.
struct SafetensorsHeader {
  /// Where one tensor lies.
  struct Entry: Sendable {
    var name: String
    var type: String
    var shape: [Int]
    /// Bytes from the beginning of the file.
    var range: Range<Int>

    var count: Int { shape.reduce(1, *) }
  }

  var entries: [Entry]
  var metadata: JSONObject

  /// BERT-base needs 25 KB.
  static let largestSize = 1 << 20
  private static let metadataKey = "__metadata__"

  /// Reads the table of a file of `fileSize` bytes from its beginning.
  static func read(from file: ByteFile) throws(InputError) -> SafetensorsHeader {
    let head = try file.read(at: 0, count: min(file.size, 64))
    try refuseOtherFormats(head, file.path)
    guard file.size >= 8 else {
      throw InputError(
        file: file.path, problem: "has \(file.size) bytes, too few for a safetensors file",
        remedy: "get the file again")
    }
    let size = head[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard size <= UInt64(largestSize) else {
      throw InputError(
        file: file.path, place: .byte(0),
        problem: "claims a header of \(size) bytes, more than the \(largestSize) accepted",
        remedy: "check that it is a safetensors file")
    }
    guard Int(size) <= file.size - 8 else {
      throw InputError(
        file: file.path, place: .byte(0),
        problem: "claims a header of \(size) bytes but ends after \(file.size)",
        remedy: "get the file again, it seems cut off")
    }
    return try SafetensorsHeader(
      parsing: file.read(at: 8, count: Int(size)), file: file.path, fileSize: file.size)
  }

  /// Checks a header against the size of the file that it begins.
  init(parsing bytes: [UInt8], file: String, fileSize: Int) throws(InputError) {
    var table = bytes
    while table.last == UInt8(ascii: " ") { table.removeLast() }
    guard table.first == UInt8(ascii: "{"), table.last == UInt8(ascii: "}") else {
      throw InputError(
        file: file, place: .byte(8),
        problem: "has a header that is not one JSON object padded by spaces",
        remedy: "write the file again with the safetensors package")
    }
    let root = JSONNode(
      try JSONValue(parsing: table, file: file, depthLimit: 4), file: file)
    metadata = JSONObject()
    entries = []
    for (name, node) in try root.members() {
      if name.utf8.elementsEqual(SafetensorsHeader.metadataKey.utf8) {
        for (_, text) in try node.members() { _ = try text.string() }
        metadata = try node.object()
      } else {
        entries.append(try SafetensorsHeader.entry(name, node, dataStart: 8 + bytes.count))
      }
    }
    guard !entries.isEmpty else {
      throw InputError(
        file: file, problem: "holds no tensors", remedy: "check that it is the right file")
    }
    try SafetensorsHeader.requireContiguous(
      entries, dataStart: 8 + bytes.count, file: file, fileSize: fileSize)
  }

  private static func refuseOtherFormats(_ head: [UInt8], _ path: String) throws(InputError) {
    if head.starts(with: "version https://git-lfs".utf8) {
      throw InputError(
        file: path, problem: "is a Git LFS pointer, not the weights",
        remedy: "run git lfs pull in its repository")
    }
    // A zip archive and the opcodes that begin a pickle: both are what torch.save writes. The
    // length of a JSON header may begin with the same bytes.
    let isPickle = head.first == 0x80 && head.dropFirst().first ?? 9 <= 5
    let isHeader = head.dropFirst(8).first == UInt8(ascii: "{")
    if head.starts(with: "PK\u{3}\u{4}".utf8) || isPickle && !isHeader {
      throw InputError(
        .unsafeInput, file: path, problem: "is a pickle with another name, which could run code",
        remedy: ForeignWeights.pickleRemedy())
    }
  }

  private static func entry(
    _ name: String, _ node: JSONNode, dataStart: Int
  ) throws(InputError) -> Entry {
    func refuse(_ problem: String) -> InputError {
      InputError(
        file: node.file, place: .tensor(name), problem: problem, remedy: "get the file again")
    }
    guard PlainName.holdsEachPart(name) else { throw refuse("has a name that no parameter has") }
    guard let object = node.value.object else { throw refuse("is not described by an object") }
    for key in object.keys where !["dtype", "shape", "data_offsets"].contains(key) {
      throw refuse("has an unknown field \(Terminal.abbreviated(key))")
    }
    guard let type = object["dtype"]?.string, let bits = ElementType.bitCounts[type] else {
      throw refuse("has an unknown or no dtype")
    }
    guard let shape = sizes(object["shape"]), shape.count <= 8 else {
      throw refuse("has a shape that is not a list of up to 8 sizes")
    }
    guard let offsets = sizes(object["data_offsets"]), offsets.count == 2 else {
      throw refuse("has data_offsets that are not two offsets")
    }
    guard let bitCount = product(shape, from: bits) else {
      throw refuse("has more elements than can be counted")
    }
    guard offsets[0] <= offsets[1], bitCount % 8 == 0, offsets[1] - offsets[0] == bitCount / 8
    else {
      throw refuse(
        "has \(type) data of shape \(shape) but data_offsets \(offsets[0]) to \(offsets[1])")
    }
    // The check against the shape has bounded the length, but both offsets may still be huge.
    let (end, overflow) = dataStart.addingReportingOverflow(offsets[1])
    guard !overflow else { throw refuse("has data_offsets beyond any file") }
    return Entry(name: name, type: type, shape: shape, range: dataStart + offsets[0]..<end)
  }

  /// The product of all sizes, or nil if it does not fit.
  private static func product(_ sizes: [Int], from start: Int) -> Int? {
    var result = start
    for size in sizes {
      let (product, overflow) = result.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      result = product
    }
    return result
  }

  /// A list of integers from 0 on, or nil.
  private static func sizes(_ value: JSONValue?) -> [Int]? {
    guard let elements = value?.array else { return nil }
    let sizes = elements.compactMap(\.int).filter { $0 >= 0 }
    return sizes.count == elements.count ? sizes : nil
  }

  /// Every byte of data belongs to exactly one tensor.
  private static func requireContiguous(
    _ entries: [Entry], dataStart: Int, file: String, fileSize: Int
  ) throws(InputError) {
    var end = dataStart
    let ordered = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for entry in ordered {
      guard entry.range.lowerBound == end else {
        let fault =
          entry.range.lowerBound < end ? "overlaps its neighbour" : "leaves a gap before it"
        throw InputError(
          file: file, place: .tensor(entry.name), problem: fault, remedy: "get the file again")
      }
      end = entry.range.upperBound
      guard end <= fileSize else {
        throw InputError(
          file: file, place: .tensor(entry.name),
          problem: "ends at byte \(end) but the file at \(fileSize)",
          remedy: "get the file again, it seems cut off")
      }
    }
    guard end == fileSize else {
      throw InputError(
        file: file, place: .byte(end), problem: "has \(fileSize - end) bytes that no tensor owns",
        remedy: "get the file again")
    }
  }
}
