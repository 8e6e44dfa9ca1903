/// Our names for parameters, the same in every family.
///
/// A layer's names follow `layers.N.`; weights of linear layers have the shape [out, in].
public enum ParameterName {
  /// [vocabulary, hidden]
  public static let wordEmbedding = "embeddings.word.weight"
  /// [positions, hidden]
  public static let positionEmbedding = "embeddings.position.weight"
  /// [token types, hidden]; DistilBERT has none.
  public static let tokenTypeEmbedding = "embeddings.tokenType.weight"
  /// The layer norm after the embeddings; `.weight` and `.bias`, [hidden] each.
  public static let embeddingNorm = "embeddings.norm"
  /// The dense layer of a native head, [hidden, hidden]; `.weight` and `.bias`.
  public static let headDense = "head.dense"
  /// The last layer of either head, [labels, hidden]; `.weight` and `.bias`.
  public static let headOutput = "head.output"

  /// One of the modules of a layer, such as `layers.3.attention.query`; `.weight` and `.bias`.
  public static func layer(_ index: Int, _ module: LayerModule) -> String {
    "layers.\(index).\(module.rawValue)"
  }

  /// The modules that every layer has.
  public enum LayerModule: String, CaseIterable, Sendable {
    /// [hidden, hidden]; head h owns the rows from h·headSize on.
    case query = "attention.query"
    /// [hidden, hidden]; rows as in `query`.
    case key = "attention.key"
    /// [hidden, hidden]; rows as in `query`.
    case value = "attention.value"
    /// [hidden, hidden]; head h owns the columns from h·headSize on.
    case attentionOutput = "attention.output"
    /// Layer norm, [hidden].
    case attentionLayerNorm = "attention.norm"
    /// [intermediate, hidden]
    case intermediate = "feedForward.intermediate"
    /// [hidden, intermediate]
    case feedForwardOutput = "feedForward.output"
    /// Layer norm, [hidden].
    case feedForwardNorm = "feedForward.norm"
  }
}

/// What Hugging Face calls our modules, by family.
struct HubNames {
  /// Before every name of the encoder in a model with a head; none in a bare encoder.
  let prefix: String
  let embeddingNorm = "embeddings.LayerNorm"
  let layers: String
  let modules: [ParameterName.LayerModule: String]
  /// The native head: its first layer, and whether that takes the prefix, then its last.
  let headDense: String
  let headDenseIsInEncoder: Bool
  let headOutput: String
  /// The layer norm's parameters before TensorFlow's names were given up.
  static let oldParameters = ["weight": "gamma", "bias": "beta"]
  /// Buffers that are no parameters, and heads of pre-training.
  static let ignorable = ["embeddings.position_ids", "embeddings.token_type_ids"]
  static let ignorablePrefixes = [
    "cls.", "lm_head.", "vocab_transform.", "vocab_layer_norm.", "vocab_projector.",
  ]

  init(_ family: ModelFamily) {
    prefix = family.rawValue + "."
    switch family {
    case .bert, .roberta:
      layers = "encoder.layer"
      modules = [
        .query: "attention.self.query", .key: "attention.self.key",
        .value: "attention.self.value", .attentionOutput: "attention.output.dense",
        .attentionLayerNorm: "attention.output.LayerNorm", .intermediate: "intermediate.dense",
        .feedForwardOutput: "output.dense", .feedForwardNorm: "output.LayerNorm",
      ]
    case .distilbert:
      layers = "transformer.layer"
      modules = [
        .query: "attention.q_lin", .key: "attention.k_lin", .value: "attention.v_lin",
        .attentionOutput: "attention.out_lin", .attentionLayerNorm: "sa_layer_norm",
        .intermediate: "ffn.lin1", .feedForwardOutput: "ffn.lin2",
        .feedForwardNorm: "output_layer_norm",
      ]
    }
    switch family {
    case .bert: (headDense, headDenseIsInEncoder, headOutput) = ("pooler.dense", true, "classifier")
    case .roberta:
      (headDense, headDenseIsInEncoder, headOutput) = (
        "classifier.dense", false, "classifier.out_proj"
      )
    case .distilbert:
      (headDense, headDenseIsInEncoder, headOutput) = ("pre_classifier", false, "classifier")
    }
  }
}
