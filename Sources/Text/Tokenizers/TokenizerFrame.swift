import Files

/// The special tokens around a text, read from the `post_processor` of `tokenizer.json`.
struct TokenizerFrame: Equatable {
  var prefix: [Int32]
  var suffix: [Int32]

  init(prefix: [Int32] = [], suffix: [Int32] = []) {
    self.prefix = prefix
    self.suffix = suffix
  }

  /// `cls_token` and `sep_token`, as the classes of BERT and RoBERTa put them around a text.
  init(_ tokens: ConfiguredTokens, _ vocabulary: AddedVocabulary) throws(InputError) {
    prefix = [try tokens.required(.classification)].compactMap(vocabulary.id)
    suffix = [try tokens.required(.separator)].compactMap(vocabulary.id)
  }

  static func read(_ node: JSONNode?) throws(InputError) -> TokenizerFrame {
    guard let node else { return TokenizerFrame() }
    let type = try node.required("type")
    switch try type.string() {
    case "TemplateProcessing":
      return try template(node)
    case "BertProcessing", "RobertaProcessing":
      return TokenizerFrame(
        prefix: [try tokenID(node.required("cls"))], suffix: [try tokenID(node.required("sep"))])
    case "ByteLevel":  // changes offsets only
      return TokenizerFrame()
    case "Sequence":
      return try sequence(node)
    default:
      throw type.error(
        "is an unknown part", remedy: "use TemplateProcessing, BertProcessing or RobertaProcessing")
    }
  }

  private static func sequence(_ node: JSONNode) throws(InputError) -> TokenizerFrame {
    var frame = TokenizerFrame()
    for processor in try node.required("processors").elements() {
      let inner = try read(processor)
      frame.prefix = inner.prefix + frame.prefix
      frame.suffix += inner.suffix
    }
    return frame
  }

  /// `["[CLS]", 101]`
  private static func tokenID(_ node: JSONNode) throws(InputError) -> Int32 {
    let parts = try node.elements()
    guard parts.count == 2 else {
      throw node.error("is no pair of a token and its id", remedy: "get the file again")
    }
    return Int32(try parts[1].int(in: Vocabulary.idRange))
  }

  private static func template(_ node: JSONNode) throws(InputError) -> TokenizerFrame {
    let single = try node.required("single")
    var frame = TokenizerFrame()
    var textCount = 0
    for item in try single.elements() {
      if let sequence = try item.optional("Sequence") {
        guard try sequence.required("id").string() == "A" else { textCount = 2; continue }
        textCount += 1
        continue
      }
      let name = try item.required("SpecialToken").required("id").string()
      for idNode in try node.required("special_tokens").required(name).required("ids").elements() {
        let id = Int32(try idNode.int(in: Vocabulary.idRange))
        if textCount == 0 { frame.prefix.append(id) } else { frame.suffix.append(id) }
      }
    }
    guard textCount == 1 else {
      throw single.error(
        "does not hold the text A exactly once", remedy: "save the tokenizer again")
    }
    return frame
  }
}
