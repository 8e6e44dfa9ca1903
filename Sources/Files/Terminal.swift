/// Makes text that an attacker may have chosen safe to show to a person.
public enum Terminal {
  /// The text without ANSI escape sequences, control characters and direction overrides.
  ///
  /// Line ends and tabs become single spaces, so that a label cannot forge a line of its own.
  public static func sanitized(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var scalars = text.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      switch scalar.value {
      case 0x1B: skipEscapeSequence(&scalars)
      case 0x9B: skipControlSequence(&scalars)
      case 0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029: result.append(" ")
      default: if !isInvisibleControl(scalar) { result.append(scalar) }
      }
    }
    return String(result)
  }

  /// The text with each control character written out as `\u{1B}`; nothing is lost.
  public static func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isInvisibleControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isInvisibleControl(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The text, cut after `limit` scalars: a hostile name may be a megabyte long.
  public static func abbreviated(_ text: String, limit: Int = 120) -> String {
    guard
      let end = text.unicodeScalars.index(
        text.startIndex, offsetBy: limit, limitedBy: text.endIndex), end < text.endIndex
    else { return text }
    return String(text.unicodeScalars[..<end]) + "…"
  }

  /// Control characters of both sets, and the marks that reorder or break a line.
  public static func isInvisibleControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// ECMA-48: `ESC [` opens a control sequence, `ESC ] P X ^ _` a string, any other is two long.
  private static func skipEscapeSequence(
    _ scalars: inout String.UnicodeScalarView.Iterator
  ) {
    guard let introducer = scalars.next() else { return }
    switch introducer {
    case "[": skipControlSequence(&scalars)
    case "]", "P", "X", "^", "_":
      while let scalar = scalars.next(), scalar.value != 0x07, scalar.value != 0x9C {
        guard scalar.value == 0x1B else { continue }
        _ = scalars.next()
        return
      }
    default: return
    }
  }

  /// A control sequence ends at its first byte in `@`...`~`.
  private static func skipControlSequence(
    _ scalars: inout String.UnicodeScalarView.Iterator
  ) {
    while let scalar = scalars.next(), !(0x40...0x7E).contains(scalar.value) {}
  }
}
