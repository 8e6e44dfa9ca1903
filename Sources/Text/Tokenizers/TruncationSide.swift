import Files

/// The end of a text that is dropped where it is too long.
enum TruncationSide {
  case left
  case right

  /// The side as `tokenizer_config.json` or `tokenizer.json` writes it.
  init(_ node: JSONNode) throws(InputError) {
    switch try node.string() {
    case "left", "Left": self = .left
    case "right", "Right": self = .right
    default: throw node.error("is neither left nor right", remedy: "correct it")
    }
  }
}
