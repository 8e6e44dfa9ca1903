/// Reads JSON as RFC 8259 has it and nothing beyond: UTF-8 without a byte order mark, no comments,
/// no bytes after the value, no key twice, no lone surrogate, bounded depth.
struct JSONParser {
  let bytes: [UInt8]
  var position = 0
  private var path: [Step] = []
  private let depthLimit: Int

  /// A step down into the value that is being read, kept for error messages; a key is where it
  /// begins, so that reading a large vocabulary costs no copies.
  private enum Step {
    case key(at: Int)
    case index(Int)
  }

  struct Failure: Error {
    var offset: Int
    var problem: String
  }

  private init(_ bytes: [UInt8], depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  static func parse(
    _ bytes: [UInt8], file: String?, depthLimit: Int
  ) throws(InputError) -> JSONValue {
    var parser = JSONParser(bytes, depthLimit: depthLimit)
    do {
      return try parser.document()
    } catch {
      throw InputError(
        file: file,
        place: .json(
          path: parser.renderedPath, line: parser.line(of: error.offset), byte: error.offset),
        problem: error.problem, remedy: "correct the JSON or get the file again")
    }
  }

  private mutating func document() throws(Failure) -> JSONValue {
    if let offset = UTF8Validation.firstInvalidByte(in: bytes) {
      throw Failure(offset: offset, problem: "is not valid UTF-8")
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw Failure(offset: 0, problem: "begins with a byte order mark")
    }
    skipSpace()
    let value = try value()
    skipSpace()
    if position < bytes.count { throw failure("has more text after its value") }
    return value
  }

  private mutating func value() throws(Failure) -> JSONValue {
    switch peek {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case nil: throw failure("ends where a value is due")
    default: return .number(try number())
    }
  }

  private mutating func object() throws(Failure) -> JSONValue {
    try descend(.index(0))
    var object = JSONObject()
    position += 1
    skipSpace()
    if !take(UInt8(ascii: "}")) {
      repeat {
        skipSpace()
        guard peek == UInt8(ascii: "\"") else { throw failure("has no key here") }
        let start = position
        let key = try string()
        path[path.count - 1] = .key(at: start)
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw failure("has no colon after a key") }
        skipSpace()
        guard object.append(key, try value()) else {
          throw Failure(offset: start, problem: "has the same key twice")
        }
        skipSpace()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { throw failure("has neither comma nor brace here") }
    }
    path.removeLast()
    return .object(object)
  }

  private mutating func array() throws(Failure) -> JSONValue {
    try descend(.index(0))
    var elements: [JSONValue] = []
    position += 1
    skipSpace()
    if !take(UInt8(ascii: "]")) {
      repeat {
        skipSpace()
        path[path.count - 1] = .index(elements.count)
        elements.append(try value())
        skipSpace()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "]")) else { throw failure("has neither comma nor bracket here") }
    }
    path.removeLast()
    return .array(elements)
  }

  private mutating func descend(_ step: Step) throws(Failure) {
    guard path.count < depthLimit else {
      throw failure("is nested more than \(depthLimit) levels deep")
    }
    path.append(step)
  }

  private mutating func literal(
    _ word: StaticString, _ value: JSONValue
  ) throws(Failure) -> JSONValue {
    let letters = Array(word.description.utf8)
    guard bytes[position...].starts(with: letters) else { throw failure("has no value here") }
    position += letters.count
    return value
  }

  private mutating func number() throws(Failure) -> JSONNumber {
    let start = position
    guard let first = peek, first == UInt8(ascii: "-") || isDigit(first) else {
      throw failure("has no value here")
    }
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return JSONNumber(unchecked: String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func digits() throws(Failure) {
    let start = position
    while let byte = peek, isDigit(byte) { position += 1 }
    guard position > start else { throw failure("has a number without digits") }
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  func failure(_ problem: String) -> Failure { Failure(offset: position, problem: problem) }

  private var renderedPath: String {
    path.reduce("") { rendered, step in
      switch step {
      case .key(let start): JSONPath.appending(key(at: start), to: rendered)
      case .index(let index): rendered + "[\(index)]"
      }
    }
  }

  private func key(at start: Int) -> String {
    var parser = self
    parser.position = start
    return (try? parser.string()) ?? ""
  }

  private func line(of offset: Int) -> Int {
    1 + bytes[..<offset].count { $0 == 0x0A }
  }
}

/// How places in a JSON value are written: `model.vocab`, `id2label["0"]`, `merges[3]`.
enum JSONPath {
  static func appending(_ key: String, to path: String) -> String {
    let isPlain =
      !key.isEmpty
      && key.utf8.allSatisfy { byte in
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      }
    guard isPlain else { return path + "[\"\(key)\"]" }
    return path.isEmpty ? key : path + "." + key
  }
}
