extension JSONParser {
  /// Reads a string that begins at the current quotation mark.
  mutating func string() throws(Failure) -> String {
    position += 1
    let start = position
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        // The whole document was checked to be UTF-8, so nothing is repaired here.
        return String(decoding: bytes[start..<position - 1], as: UTF8.self)
      case UInt8(ascii: "\\"): return try escapedString(from: start)
      case 0..<0x20: throw failure("has a bare control character in a string")
      default: position += 1
      }
    }
    throw failure("ends inside a string")
  }

  private mutating func escapedString(from start: Int) throws(Failure) -> String {
    var content = Array(bytes[start..<position])
    while let byte = peek {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"): content += Array(String(try escapedScalar()).utf8)
      case 0..<0x20:
        position -= 1
        throw failure("has a bare control character in a string")
      default: content.append(byte)
      }
    }
    throw failure("ends inside a string")
  }

  private mutating func escapedScalar() throws(Failure) -> Unicode.Scalar {
    let start = position - 1
    guard let byte = peek else { throw failure("ends inside a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape(from: start)
    default: throw Failure(offset: start, problem: "has an unknown escape in a string")
    }
  }

  private mutating func unicodeEscape(from start: Int) throws(Failure) -> Unicode.Scalar {
    let first = try hexadecimalUnit()
    if let scalar = Unicode.Scalar(UInt32(first)) { return scalar }
    let lone = Failure(offset: start, problem: "has half a surrogate pair in a string")
    guard UTF16.isLeadSurrogate(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u"))
    else { throw lone }
    let second = try hexadecimalUnit()
    guard UTF16.isTrailSurrogate(second) else { throw lone }
    let value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
    guard let scalar = Unicode.Scalar(value) else { throw lone }
    return scalar
  }

  private mutating func hexadecimalUnit() throws(Failure) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("has an escape without four hexadecimal digits in a string")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
