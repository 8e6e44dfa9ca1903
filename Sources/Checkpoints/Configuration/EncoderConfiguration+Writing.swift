public import Files

extension EncoderConfiguration {
  /// A `config.json` that transformers 4.57 and 5 load: that of the source with our values in it.
  ///
  /// Keys that we know nothing of stay as they are. Gone are `num_labels` (5.x fails when it
  /// disagrees with `id2label`), `pruned_heads` (5.x cannot load it) and `auto_map` (it names code
  /// that is not in the directory).
  ///
  /// - Parameters:
  ///   - source: the members of the source's file; none for a model that has no source.
  ///   - hasNativeHead: whether the weights include the family's own classifier.
  ///   - weights: the element type of the weights, which 5.x loads as stored.
  public func merged(
    into source: JSONObject = JSONObject(), hasNativeHead: Bool, weights: WeightType
  ) -> JSONObject {
    let keys = HubKeys(family)
    var config = source
    for key in ["num_labels", "_num_labels", "pruned_heads", "auto_map"] { config[key] = nil }

    let architecture = hasNativeHead ? keys.classifierArchitecture : keys.encoderArchitecture
    config["architectures"] = [.string(architecture)]
    config["model_type"] = .string(family.rawValue)
    set(keys.layerCount, layerCount, in: &config)
    set(keys.headCount, headCount, in: &config)
    set(keys.hiddenSize, hiddenSize, in: &config)
    set(keys.intermediateSize, intermediateSize, in: &config)
    set("vocab_size", vocabularySize, in: &config)
    set("max_position_embeddings", maximumPositionCount, in: &config)
    if let key = keys.tokenTypeCount { set(key, tokenTypeCount, in: &config) }
    set("pad_token_id", padTokenID, in: &config)
    if let key = keys.layerNormEpsilon { set(key, layerNormEpsilon, in: &config) }
    set(keys.hiddenDropout, hiddenDropout, in: &config)
    set(keys.attentionDropout, attentionDropout, in: &config)
    if classifierDropout != keys.defaultClassifierDropout ?? hiddenDropout {
      set(keys.classifierDropout, classifierDropout, in: &config)
    }
    set("initializer_range", initializerRange, in: &config)
    config[keys.activation] = "gelu"
    setLabels(in: &config)
    if config["problem_type"] != nil {
      config["problem_type"] = "single_label_classification"
    }
    // 4.55 and older know the old key alone, later ones read both.
    for key in ["dtype", "torch_dtype"] where config[key] != nil {
      config[key] = .string(weights.torchName)
    }
    if config["dtype"] == nil { config["torch_dtype"] = .string(weights.torchName) }
    return config
  }

  /// Leaves the source's spelling alone where it already says the same.
  private func set(_ key: String, _ value: Int, in config: inout JSONObject) {
    if config[key]?.int != value { config[key] = .int(value) }
  }

  private func set(_ key: String, _ value: Double, in config: inout JSONObject) {
    if config[key]?.double != value { config[key] = .double(value) }
  }

  private func setLabels(in config: inout JSONObject) {
    var names = JSONObject()
    var numbers = JSONObject()
    for (index, label) in labels.enumerated() {
      names[String(index)] = .string(label)
      numbers[label] = .int(index)
    }
    config["id2label"] = .object(names)
    config["label2id"] = .object(numbers)
  }
}
