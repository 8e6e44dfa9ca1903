import Checkpoints
import Files
import Testing

@Suite struct ConfigurationTests {
  private func read(_ config: JSONObject) throws(InputError) -> EncoderConfiguration {
    try EncoderConfiguration(JSONNode(.object(config), file: "config.json"))
  }

  @Test func `a BERT configuration is read as Hugging Face means it`() throws {
    let text = """
      {"model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6,
      "num_attention_heads": 12, "intermediate_size": 1536, "vocab_size": 30522,
      "max_position_embeddings": 512, "type_vocab_size": 2, "hidden_act": "gelu",
      "hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.3, "layer_norm_eps": 1e-5,
      "initializer_range": 0.01, "position_embedding_type": "absolute", "pad_token_id": 0}
      """
    let node = JSONNode(try JSONValue(parsing: Array(text.utf8)), file: "config.json")
    let configuration = try EncoderConfiguration(node)
    #expect(
      configuration
        == EncoderConfiguration(
          family: .bert, layerCount: 6, headCount: 12, hiddenSize: 384, intermediateSize: 1536,
          vocabularySize: 30522, maximumPositionCount: 512, tokenTypeCount: 2, padTokenID: 0,
          layerNormEpsilon: 1e-5, hiddenDropout: 0.2, attentionDropout: 0.3,
          classifierDropout: 0.2, initializerRange: 0.01, labels: ["LABEL_0", "LABEL_1"]))
    #expect(configuration.headSize == 32)
    #expect(configuration.maximumTokenCount == 512)
  }

  @Test func `RoBERTa counts positions from behind the padding id`() throws {
    var config = TinyModel.config(.roberta)
    config["pad_token_id"] = nil
    let configuration = try read(config)
    #expect(configuration.padTokenID == 1)
    #expect(configuration.positionOffset == 2)
    #expect(configuration.maximumTokenCount == 7)
  }

  @Test func `RoBERTa without a padding id counts positions from 0`() throws {
    var config = TinyModel.config(.roberta)
    config["pad_token_id"] = -1
    let configuration = try read(config)
    #expect(configuration.positionOffset == 0)
    #expect(configuration.maximumTokenCount == 9)
    #expect(configuration.paddingTakesPosition)
    // transformers cannot compute positions from null (`ne()` of None).
    config["pad_token_id"] = .null
    let error = try #require(throws: InputError.self) { try read(config) }
    #expect(error.problem.contains("pad_token_id is null"))
    config = TinyModel.config(.bert)
    config["pad_token_id"] = .null
    #expect(try read(config).padTokenID == 0)
  }

  @Test func `DistilBERT has its own keys and defaults`() throws {
    var config = TinyModel.config(.distilbert)
    config["dropout"] = 0.3
    var configuration = try read(config)
    #expect(configuration.tokenTypeCount == 0)
    #expect(configuration.layerNormEpsilon == 1e-12)
    #expect(configuration.hiddenDropout == 0.3)
    #expect(configuration.classifierDropout == 0.2)
    config["seq_classif_dropout"] = 0.4
    configuration = try read(config)
    #expect(configuration.classifierDropout == 0.4)
    #expect(configuration.labels == ["bad", "so so", "good"])
  }

  @Test func `a classifier without dropout of its own takes the hidden one`() throws {
    var config = TinyModel.config(.bert)
    config["hidden_dropout_prob"] = 0.25
    config["classifier_dropout"] = nil as JSONValue?
    #expect(try read(config).classifierDropout == 0.25)
    config["classifier_dropout"] = .null
    #expect(try read(config).classifierDropout == 0.25)
    config["classifier_dropout"] = 0.0
    #expect(try read(config).classifierDropout == 0)
  }

  @Test(
    arguments: [
      ("model_type", nil, "has no model_type"), ("model_type", "gpt2", "is gpt2"),
      ("model_type", 1, "a string is due"), ("hidden_size", nil, "is missing"),
      ("hidden_size", 6.0, "an integer is due"), ("hidden_size", 0, "outside 1 to"),
      ("hidden_size", 1_000_000_000_000, "outside 1 to"), ("num_hidden_layers", -1, "outside"),
      ("num_hidden_layers", 100_000, "outside"), ("num_attention_heads", 4, "does not divide"),
      ("vocab_size", 1_000_000_000, "outside"), ("max_position_embeddings", 2, "leaves room"),
      ("intermediate_size", "5", "an integer is due"), ("pad_token_id", 11, "beyond vocab_size"),
      ("layer_norm_eps", 0.0, "outside"), ("hidden_dropout_prob", 1.0, "outside"),
      ("attention_probs_dropout_prob", -0.1, "outside"), ("type_vocab_size", 0, "outside"),
      ("hidden_act", "relu", "is relu"), ("hidden_act", "gelu_new", "is gelu_new"),
      ("position_embedding_type", "relative_key", "is relative_key"),
      ("pruned_heads", ["0": [1]], "heads were cut out"), ("is_decoder", true, "is true"),
      ("quantization_config", ["bits": 8], "is present"),
      ("id2label", ["a", "b"], "an object is due"),
      ("id2label", ["0": "a", "x": "b"], "is not the number of a label"),
      ("id2label", ["0": "a", "1e3": "b"], "is not the number of a label"),
      ("id2label", ["0": ["a"]], "a string is due"),
      ("id2label", ["0": ["a": 1]], "a string is due"),
      ("id2label", [:], "names 0 labels"), ("num_labels", -1, "outside 1 to"),
      ("num_labels", 2.0, "an integer is due"), ("pad_token_id", -2, "outside -1 to"),
    ] as [(String, JSONValue?, String)])
  func `a configuration that cannot be honoured is refused by its key`(
    key: String, value: JSONValue?, words: String
  ) throws {
    var config = TinyModel.config(.bert)
    config[key] = value
    let error = try #require(throws: InputError.self) { try read(config) }
    #expect(error.problem.contains(words), "\(error)")
    #expect(error.kind == .data)
    #expect(error.description.contains(key))
  }

  @Test func `what says nothing against us is accepted`() throws {
    var config = TinyModel.config(.bert)
    config["pruned_heads"] = [:]
    config["auto_map"] = ["AutoModel": "evil.py--Model"]
    config["is_decoder"] = false
    config["hidden_act"] = "gelu_python"
    config["id2label"] = nil
    config["num_labels"] = 4
    #expect(try read(config).labels == ["LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3"])
  }

  @Test(arguments: ModelFamily.allCases, WeightType.allCases)
  func `an exported configuration reads back as the same model`(
    family: ModelFamily, weights: WeightType
  ) throws {
    let bare = EncoderConfiguration(
      family: family, layerCount: 3, headCount: 5, hiddenSize: 35, intermediateSize: 71,
      vocabularySize: 101, maximumPositionCount: 77, tokenTypeCount: family == .distilbert ? 0 : 3,
      padTokenID: 4, layerNormEpsilon: family == .distilbert ? 1e-12 : 3e-6, hiddenDropout: 0.15,
      attentionDropout: 0.05, classifierDropout: 0.35, initializerRange: 0.03,
      labels: ["né", "ne\u{301}"])
    let config = bare.merged(hasNativeHead: true, weights: weights)
    #expect(try read(config) == bare)
    #expect(config["torch_dtype"]?.string == weights.torchName)
  }

  @Test func `foreign keys stay and harmful ones go`() throws {
    var source = TinyModel.config(.roberta)
    for (key, value): (String, JSONValue) in [
      ("num_labels", 3), ("pruned_heads", [:]), ("auto_map", ["AutoModel": "evil.py--Model"]),
      ("dtype", "float16"), ("problem_type", "regression"), ("layer_norm_eps", 1e-5),
    ] { source[key] = value }
    let configuration = try read(source)
    let config = configuration.merged(into: source, hasNativeHead: true, weights: .bfloat16)
    #expect(config["somebodys_key"] == ["kept": true])
    for key in ["num_labels", "pruned_heads", "auto_map", "torch_dtype"] {
      #expect(config[key] == nil)
    }
    #expect(config["dtype"] == "bfloat16")
    #expect(config["problem_type"] == "single_label_classification")
    #expect(config["architectures"] == ["RobertaForSequenceClassification"])
    #expect(config["label2id"] == ["bad": 0, "so so": 1, "good": 2])
    let encoder = configuration.merged(into: source, hasNativeHead: false, weights: .float32)
    #expect(encoder["architectures"] == ["RobertaModel"])
  }
}

extension WeightType {
  /// What PyTorch calls the type, written down a second time.
  fileprivate var torchName: String {
    ["f32": "float32", "f16": "float16", "bf16": "bfloat16"][rawValue] ?? ""
  }
}
