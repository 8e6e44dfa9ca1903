/// The model types of Hugging Face that one encoder covers; the raw value is `model_type`.
public enum ModelFamily: String, Sendable, CaseIterable {
  /// Devlin et al. 2019.
  case bert
  /// Liu et al. 2019: positions begin after the padding id.
  case roberta
  /// Sanh et al. 2019: no token types, no pooler.
  case distilbert
}

/// All that makes one encoder differ from another, as data.
public struct EncoderConfiguration: Equatable, Sendable {
  /// The model type.
  public var family: ModelFamily
  /// The number of transformer layers.
  public var layerCount: Int
  /// The number of attention heads in each layer.
  public var headCount: Int
  /// The width of a hidden state; a multiple of `headCount`.
  public var hiddenSize: Int
  /// The width of the feed-forward layer.
  public var intermediateSize: Int
  /// The number of rows of the word embedding.
  public var vocabularySize: Int
  /// The number of rows of the position embedding, the unusable ones of RoBERTa included.
  public var maximumPositionCount: Int
  /// The number of token types; 0 where the family has none.
  public var tokenTypeCount: Int
  /// The id of the padding token, or -1 for none.
  public var padTokenID: Int
  /// What is added to the variance in every layer norm.
  public var layerNormEpsilon: Double
  /// The dropout probability after embeddings, attention output and feed-forward output.
  public var hiddenDropout: Double
  /// The dropout probability on attention weights.
  public var attentionDropout: Double
  /// The dropout probability before the classifier.
  public var classifierDropout: Double
  /// The standard deviation that fresh weights are drawn with.
  public var initializerRange: Double
  /// The name of each class, by its index.
  public var labels: [String]

  /// A configuration from its sizes; everything else has Hugging Face's default for the family.
  public init(
    family: ModelFamily, layerCount: Int, headCount: Int, hiddenSize: Int, intermediateSize: Int,
    vocabularySize: Int, maximumPositionCount: Int, tokenTypeCount: Int? = nil,
    padTokenID: Int? = nil, layerNormEpsilon: Double = 1e-12, hiddenDropout: Double = 0.1,
    attentionDropout: Double = 0.1, classifierDropout: Double? = nil,
    initializerRange: Double = 0.02, labels: [String] = ["LABEL_0", "LABEL_1"]
  ) {
    precondition(
      headCount > 0 && hiddenSize % headCount == 0,
      "a hidden size of \(hiddenSize) does not divide into \(headCount) heads")
    let vocabulary = HubKeys(family)
    self.family = family
    self.layerCount = layerCount
    self.headCount = headCount
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.vocabularySize = vocabularySize
    self.maximumPositionCount = maximumPositionCount
    self.tokenTypeCount = tokenTypeCount ?? vocabulary.defaultTokenTypeCount
    self.padTokenID = padTokenID ?? vocabulary.defaultPadTokenID
    self.layerNormEpsilon = layerNormEpsilon
    self.hiddenDropout = hiddenDropout
    self.attentionDropout = attentionDropout
    self.classifierDropout =
      classifierDropout ?? vocabulary.defaultClassifierDropout ?? hiddenDropout
    self.initializerRange = initializerRange
    self.labels = labels
  }

  /// The width of one attention head.
  public var headSize: Int { hiddenSize / headCount }

  /// The row of the position embedding that the first token takes.
  public var positionOffset: Int { family == .roberta ? padTokenID + 1 : 0 }

  /// Whether positions count a padding token that a text spells out. RoBERTa's do not: it has the
  /// row of its own number, and what follows it moves up. No token has the id -1, which means no
  /// padding.
  public var paddingTakesPosition: Bool { family != .roberta || padTokenID < 0 }

  /// The longest text in tokens, [CLS] and [SEP] included.
  public var maximumTokenCount: Int { maximumPositionCount - positionOffset }

  /// How many tokens of a text are read where `length` are asked for.
  public func tokenLimit(_ length: Int) -> Int { min(length, maximumTokenCount) }
}

/// What `config.json` calls things, by family.
///
/// Names and defaults are those of `BertConfig`, `RobertaConfig` and `DistilBertConfig`.
struct HubKeys {
  let layerCount, headCount, hiddenSize, intermediateSize, activation: String
  let hiddenDropout, attentionDropout, classifierDropout: String
  /// Nil where the family fixes the value.
  let tokenTypeCount, layerNormEpsilon: String?
  let defaultTokenTypeCount, defaultPadTokenID: Int
  /// Nil where the classifier takes the hidden dropout.
  let defaultClassifierDropout: Double?
  let encoderArchitecture, classifierArchitecture: String

  init(_ family: ModelFamily) {
    switch family {
    case .bert, .roberta:
      layerCount = "num_hidden_layers"
      headCount = "num_attention_heads"
      hiddenSize = "hidden_size"
      intermediateSize = "intermediate_size"
      activation = "hidden_act"
      hiddenDropout = "hidden_dropout_prob"
      attentionDropout = "attention_probs_dropout_prob"
      classifierDropout = "classifier_dropout"
      tokenTypeCount = "type_vocab_size"
      layerNormEpsilon = "layer_norm_eps"
      defaultTokenTypeCount = 2
      defaultPadTokenID = family == .bert ? 0 : 1
      defaultClassifierDropout = nil
    case .distilbert:
      layerCount = "n_layers"
      headCount = "n_heads"
      hiddenSize = "dim"
      intermediateSize = "hidden_dim"
      activation = "activation"
      hiddenDropout = "dropout"
      attentionDropout = "attention_dropout"
      classifierDropout = "seq_classif_dropout"
      tokenTypeCount = nil
      layerNormEpsilon = nil
      defaultTokenTypeCount = 0
      defaultPadTokenID = 0
      defaultClassifierDropout = 0.2
    }
    let stem =
      switch family {
      case .bert: "Bert"
      case .roberta: "Roberta"
      case .distilbert: "DistilBert"
      }
    encoderArchitecture = stem + "Model"
    classifierArchitecture = stem + "ForSequenceClassification"
  }
}
