extension JSONValue {
  /// Whether an object begins that does not end. What is whole closes what it opens, whoever wrote
  /// it.
  public static func isCutOff(_ bytes: some Collection<UInt8>) -> Bool {
    guard bytes.first == UInt8(ascii: "{") else { return false }
    var (depth, isInString, isEscaped) = (0, false, false)
    for byte in bytes {
      switch byte {
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\") where isInString: isEscaped = true
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "{") where !isInString: depth += 1
      case UInt8(ascii: "}") where !isInString:
        depth -= 1
        if depth == 0 { return false }
      default: break
      }
    }
    return true
  }
}
