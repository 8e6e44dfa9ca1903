extension StringProtocol {
  /// The text without the white space at its ends, whatever script that is from.
  public var withoutOuterBlanks: String {
    var scalars = Substring(self).unicodeScalars
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars)
  }
}
