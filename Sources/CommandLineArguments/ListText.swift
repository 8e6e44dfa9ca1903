import Files

/// Several texts in one value of the command line: commas between them, as in a line of CSV.
///
/// Blanks around a text mean nothing; one that holds a comma, or begins with a quote, stands in
/// double quotes, and quotes within those are doubled.
enum ListText {
  /// The texts; nil where one of them is blank, or a quote is not closed before the next comma.
  static func elements(of list: String) -> [String]? {
    var elements: [String] = []
    var rest = Substring(list).unicodeScalars
    while true {
      while let first = rest.first, first.properties.isWhitespace { rest.removeFirst() }
      guard let element = rest.first == "\"" ? takeQuoted(&rest) : takePlain(&rest),
        !element.isEmpty
      else { return nil }
      elements.append(element)
      guard let separator = rest.popFirst() else { return elements }
      guard separator == "," else { return nil }
    }
  }

  /// The value that `elements(of:)` takes apart into these texts.
  static func list(of elements: [String]) -> String {
    elements.map { element in
      let scalars = element.unicodeScalars
      guard scalars.first == "\"" || scalars.contains(",") else { return element }
      return "\"\(scalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined())\""
    }.joined(separator: ",")
  }

  private static func takePlain(_ rest: inout Substring.UnicodeScalarView) -> String? {
    let element = rest.prefix { $0 != "," }
    rest = rest[element.endIndex...]
    return String(element).withoutOuterBlanks
  }

  private static func takeQuoted(_ rest: inout Substring.UnicodeScalarView) -> String? {
    rest.removeFirst()
    var element = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      guard scalar == "\"" else {
        element.append(scalar)
        continue
      }
      guard rest.first == "\"" else {
        while let first = rest.first, first.properties.isWhitespace { rest.removeFirst() }
        return String(element).withoutOuterBlanks
      }
      element.append(scalar)
      rest.removeFirst()
    }
    return nil
  }
}
