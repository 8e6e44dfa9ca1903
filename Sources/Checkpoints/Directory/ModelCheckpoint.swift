public import Files

/// A model as its directory holds it: configuration and host arrays, nothing on any device.
public struct ModelCheckpoint: Sendable {
  /// What kind of model it is.
  public var configuration: EncoderConfiguration
  /// The head that `parameters` include, if any.
  public var classifierKind: ClassifierKind?
  /// All parameters under our names; see `ParameterTable`.
  public var parameters: [String: HostTensor]
  /// Tensors under Hugging Face's names that we do not use but hand on: the pooler of a BERT
  /// without classifier.
  public var passthrough: [String: HostTensor]
  /// The pruned heads of each layer in ascending order; their weights are zeros in the file.
  public var prunedHeads: [[Int]]
  /// What was done to the model before, as its `config.json` tells it under `pure`.
  public var provenance: JSONObject
  /// Where it was read from; nil for a model that was made here.
  public var sourceDirectory: String?
  /// The files of its tokenizer by name, as they were when it was read; handed on byte for byte.
  public var tokenizerFiles: [String: [UInt8]]
  /// The licence that its source's card names.
  public var license: String?
  /// The members of the source's `config.json`, the unknown ones included.
  public var sourceConfiguration: JSONObject
  /// What one may not expect of how it was read, a sentence each.
  public var notes: [String] = []

  /// A model from its parts.
  ///
  /// - Parameter source: the checkpoint whose tokenizer files, unknown configuration keys and
  ///   pooler are handed on.
  public init(
    configuration: EncoderConfiguration, classifierKind: ClassifierKind?,
    parameters: [String: HostTensor],
    prunedHeads: [[Int]]? = nil, source: ModelCheckpoint? = nil
  ) {
    self.configuration = configuration
    self.classifierKind = classifierKind
    self.parameters = parameters
    self.prunedHeads = prunedHeads ?? Array(repeating: [], count: configuration.layerCount)
    passthrough = source?.passthrough ?? [:]
    // In BERT the dense layer of the native head is the encoder's pooler.
    if let source, source.classifierKind == .native, source.configuration.family == .bert {
      for part in ["weight", "bias"] {
        passthrough["pooler.dense.\(part)"] =
          source.parameters["\(ParameterName.headDense).\(part)"]
      }
    }
    provenance = source?.provenance ?? JSONObject()
    sourceDirectory = source?.sourceDirectory
    tokenizerFiles = source?.tokenizerFiles ?? [:]
    license = source?.license
    sourceConfiguration = source?.sourceConfiguration ?? JSONObject()
  }
}

/// The files of a model directory that are ours to read or write.
enum DirectoryLayout {
  static let configuration = "config.json"
  static let weights = "model.safetensors"
  static let linearHead = "pure_head.safetensors"
  static let card = "README.md"
  /// Our own key in `config.json`, and the keys under it.
  static let ownKey = "pure"
  static let headKey = "head"
  static let prunedHeadsKey = "prunedHeads"
  /// Copied byte for byte.
  static let tokenizerFiles = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt",
    "vocab.json", "merges.txt", "added_tokens.json",
  ]
}
