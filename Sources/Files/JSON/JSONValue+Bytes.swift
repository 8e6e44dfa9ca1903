extension JSONValue {
  /// Reads one JSON value, strictly as RFC 8259 has it.
  ///
  /// Keys are told apart by their bytes, and one that occurs twice is an error.
  ///
  /// - Parameters:
  ///   - bytes: the whole document, UTF-8.
  ///   - file: the path that an error names.
  ///   - depthLimit: how deeply arrays and objects may be nested.
  /// - Throws: `InputError` with the path, line and byte of the first fault.
  public init(
    parsing bytes: [UInt8], file: String? = nil, depthLimit: Int = 128
  ) throws(InputError) {
    self = try JSONParser.parse(bytes, file: file, depthLimit: depthLimit)
  }

  /// Reads the one JSON value in a file.
  ///
  /// - Parameter limit: the largest file in bytes that is read; values take far more memory than
  ///   their bytes.
  /// - Throws: `InputError` if the file cannot be read or is not strict JSON.
  public init(contentsOf path: String, limit: Int = 1 << 24) throws(InputError) {
    self = try JSONValue(
      parsing: ByteFile.nonEmptyContents(of: path, limit: limit), file: path)
  }

  /// How a value is laid out as text.
  public struct Layout: Sendable {
    var isPretty: Bool
    var sortsKeys: Bool

    /// One line, members in their order: for records and hashes.
    public static let compact = Layout(isPretty: false, sortsKeys: false)
    /// One line, members in the order of their keys' bytes.
    public static let canonical = Layout(isPretty: false, sortsKeys: true)
    /// Two spaces a level, members in their order.
    public static let pretty = Layout(isPretty: true, sortsKeys: false)
  }

  /// The value as UTF-8 JSON without a final line end; the same value always gives the same bytes.
  public func serialized(_ layout: Layout = .compact) -> [UInt8] {
    var serializer = JSONSerializer(layout)
    serializer.write(self, level: 0)
    return serializer.bytes
  }

  /// The value as JSON text.
  public func text(_ layout: Layout = .compact) -> String {
    String(decoding: serialized(layout), as: UTF8.self)
  }
}

private struct JSONSerializer {
  var bytes: [UInt8] = []
  private let layout: JSONValue.Layout

  init(_ layout: JSONValue.Layout) { self.layout = layout }

  mutating func write(_ value: JSONValue, level: Int) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .number(let number): bytes += number.text.utf8
    case .string(let text): write(text)
    case .array(let elements):
      list(elements, UInt8(ascii: "["), UInt8(ascii: "]"), level) { serializer, element in
        serializer.write(element, level: level + 1)
      }
    case .object(let object):
      let members =
        layout.sortsKeys
        ? object.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        : object.members
      list(members, UInt8(ascii: "{"), UInt8(ascii: "}"), level) { serializer, member in
        serializer.write(member.key)
        serializer.bytes += (serializer.layout.isPretty ? ": " : ":").utf8
        serializer.write(member.value, level: level + 1)
      }
    }
  }

  private mutating func list<Element>(
    _ elements: [Element], _ open: UInt8, _ close: UInt8, _ level: Int,
    _ body: (inout JSONSerializer, Element) -> Void
  ) {
    bytes.append(open)
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      breakLine(level + 1)
      body(&self, element)
    }
    if !elements.isEmpty { breakLine(level) }
    bytes.append(close)
  }

  private mutating func breakLine(_ level: Int) {
    guard layout.isPretty else { return }
    bytes.append(0x0A)
    bytes += repeatElement(0x20, count: 2 * level)
  }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    // Terminals obey some characters beyond ASCII too: what is printed must not hold them.
    if text.unicodeScalars.contains(where: { $0.value > 0x7F && Terminal.isInvisibleControl($0) }) {
      for scalar in text.unicodeScalars { write(scalar) }
    } else {
      write(text.utf8)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func write(_ scalar: Unicode.Scalar) {
    if scalar.value > 0x7F && Terminal.isInvisibleControl(scalar) {
      // All of them have four digits.
      let digits = SHA256.hex([UInt8(scalar.value >> 8), UInt8(scalar.value & 0xFF)])
      bytes += "\\u\(digits)".utf8
    } else {
      write(String(scalar).utf8)
    }
  }

  private mutating func write(_ text: String.UTF8View) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""): bytes += "\\\"".utf8
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case 0x08: bytes += "\\b".utf8
      case 0x09: bytes += "\\t".utf8
      case 0x0A: bytes += "\\n".utf8
      case 0x0C: bytes += "\\f".utf8
      case 0x0D: bytes += "\\r".utf8
      case 0..<0x20, 0x7F:
        bytes += "\\u00".utf8
        bytes += SHA256.hex([byte]).utf8
      default: bytes.append(byte)
      }
    }
  }
}
