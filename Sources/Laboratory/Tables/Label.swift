internal import Files

extension String {
  /// A title as charts show it: one line of at most 40 characters without anything invisible. Titles
  /// with different labels are told apart wherever they stand.
  var label: String {
    let words = Terminal.sanitized(self).split(whereSeparator: \.isWhitespace)
    return shortened(words.joined(separator: " "), to: 40)
  }
}

/// The text, cut with an ellipsis to at most `length` characters.
func shortened(_ text: String, to length: Int) -> String {
  text.count > length ? text.prefix(length - 1) + "…" : text
}
