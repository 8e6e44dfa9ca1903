/// A text and, if it is known, the index of its label.
public struct Example: Sendable, Equatable {
  /// The text as it stands in the file, without the blanks around it where the format pads fields.
  public var text: String
  /// An index into the label names of the data set; nil where the file has no labels.
  public var label: Int?

  /// A text with the index of its label.
  public init(text: String, label: Int? = nil) {
    self.text = text
    self.label = label
  }

  /// Whether labels and all bytes of the texts are the same (canonically equal texts differ).
  public static func == (one: Example, other: Example) -> Bool {
    one.label == other.label && one.text.utf8.elementsEqual(other.text.utf8)
  }
}
