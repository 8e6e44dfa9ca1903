import Files

/// Which class of transformers reads a directory: it decides how much `tokenizer.json` has to say.
enum TokenizerClass: String {
  /// WordPiece; its switches win over what `tokenizer.json` says.
  case bert = "BertTokenizer"
  /// Byte-level BPE; its switch wins over what `tokenizer.json` says.
  case roberta = "RobertaTokenizer"
  /// Whatever stands in `tokenizer.json`.
  case generic = "PreTrainedTokenizerFast"

  /// The class of this name, with or without `Fast`; nil for one that splits texts in another way.
  init?(name: String) {
    let suffix = "Fast"
    switch name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name {
    case "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer",
      "SqueezeBertTokenizer", "LayoutLMTokenizer", "LxmertTokenizer":
      self = .bert
    case "RobertaTokenizer", "LongformerTokenizer", "BartTokenizer", "LEDTokenizer":
      self = .roberta
    case "PreTrainedTokenizer", "TokenizersBackend":
      self = .generic
    default: return nil
    }
  }

  /// The class that a `model_type` stands for where nothing names one.
  init?(modelType: String) {
    switch modelType {
    case "bert", "distilbert", "electra": self = .bert
    case "roberta": self = .roberta
    default: return nil
    }
  }

  /// The special tokens that the class has unless it is told others.
  var specialTokens: [SpecialTokenRole: TokenDeclaration] {
    var tokens: [SpecialTokenRole: TokenDeclaration] = [:]
    for (role, content) in names {
      tokens[role] = TokenDeclaration(content, flags: flags(of: role))
    }
    return tokens
  }

  private var names: [(SpecialTokenRole, String)] {
    switch self {
    case .bert:
      [
        (.unknown, "[UNK]"), (.separator, "[SEP]"), (.padding, "[PAD]"),
        (.classification, "[CLS]"), (.mask, "[MASK]"),
      ]
    case .roberta:
      [
        (.beginning, "<s>"), (.end, "</s>"), (.unknown, "<unk>"), (.separator, "</s>"),
        (.padding, "<pad>"), (.classification, "<s>"), (.mask, "<mask>"),
      ]
    case .generic: []
    }
  }

  /// What a special token is like that is given by its name alone.
  ///
  /// RoBERTa's mask is a word of its own and takes the blank before it along, as it did in
  /// training; transformers 5 has forgotten that where there is no `tokenizer.json`.
  func flags(of role: SpecialTokenRole) -> AddedToken.Flags {
    self == .roberta && role == .mask ? [.special, .stripsLeft] : .special
  }
}

/// The special tokens that have a name, in the order in which they get their ids.
enum SpecialTokenRole: String, CaseIterable {
  case beginning = "bos_token"
  case end = "eos_token"
  case unknown = "unk_token"
  case separator = "sep_token"
  case padding = "pad_token"
  case classification = "cls_token"
  case mask = "mask_token"
}
