internal import Files

/// HTML or SVG that is safe to print. A literal is trusted; a `String` that is interpolated into it
/// is escaped, so text from data, models or plans cannot become markup:
///
///     let cell: Markup = "<td title=\"\(name)\">\(value)</td>"
struct Markup: ExpressibleByStringInterpolation, Equatable {
  private(set) var text: String

  init(stringLiteral text: String) { self.text = text }
  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  static func + (first: Markup, second: Markup) -> Markup {
    var sum = first
    sum += second
    return sum
  }

  static func += (first: inout Markup, second: Markup) { first.text += second.text }

  struct Interpolation: StringInterpolationProtocol {
    var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
    mutating func appendInterpolation(_ string: String) { text += escaped(string) }
    mutating func appendInterpolation(_ integer: Int) { text += String(integer) }

    /// A coordinate: a hundredth of a pixel is below what anyone can see.
    mutating func appendInterpolation(_ coordinate: Double) {
      text += fixed(coordinate, 2).replacing("−", with: "-")
    }
  }
}

extension Sequence<Markup> {
  /// The pieces one after the other.
  func joined() -> Markup { reduce(into: "") { $0 += $1 } }
}

/// Text for element content and quoted attributes. Control characters, and marks that reorder what
/// is around them, become U+FFFD: a document must not hold them, and silently dropping them could
/// join two halves of a word.
private func escaped(_ string: String) -> String {
  var result = ""
  result.reserveCapacity(string.utf8.count)
  for scalar in string.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\n", "\t": result.unicodeScalars.append(scalar)
    default:
      result.unicodeScalars.append(Terminal.isInvisibleControl(scalar) ? "\u{FFFD}" : scalar)
    }
  }
  return result
}
