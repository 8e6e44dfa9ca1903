import Checkpoints
import Files
import Testing

@Suite struct HostileConfigurationTests {
  private static let values: [JSONValue] = [
    .null, true, false, 0, -1, 1, 3, 1_000_000_000, .int(.max), .int(.min), 0.0, 1e30, -1e30,
    .number(bare("1e999")), .number(bare("123456789012345678901234567890")), "", "gelu",
    "\u{1B}[2J",
    [], [[]], [nil], ["x"], [:], ["0": [:]], ["-1": "a"], ["1e3": "a"], ["1000000000": "a"],
    ["0": "a", "9223372036854775807": "b"], ["9223372036854775808": "a"], ["": "a"],
  ]

  /// A number in digits that no Swift literal holds.
  private static func bare(_ digits: String) -> JSONNumber {
    let value = try? JSONValue(parsing: Array(digits.utf8))
    guard case .number(let number) = value else { preconditionFailure("\(digits) is no number") }
    return number
  }

  private static let keys = [
    "model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
    "vocab_size", "max_position_embeddings", "type_vocab_size", "pad_token_id", "layer_norm_eps",
    "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "hidden_act",
    "activation", "initializer_range", "position_embedding_type", "is_decoder",
    "add_cross_attention", "quantization_config", "pruned_heads", "num_labels", "id2label",
    "label2id", "architectures", "dim", "n_layers", "n_heads", "hidden_dim", "dropout",
    "attention_dropout", "seq_classif_dropout",
  ]

  @Test(arguments: ModelFamily.allCases)
  func `no value makes a configuration that cannot be`(family: ModelFamily) {
    var refusals = 0
    for key in Self.keys {
      for value in Self.values {
        var config = TinyModel.config(family)
        config[key] = value
        do throws(InputError) {
          let read = try EncoderConfiguration(JSONNode(.object(config), file: "config.json"))
          #expect(read.hiddenSize % read.headCount == 0)
          #expect(read.maximumTokenCount > 2)
          #expect(read.padTokenID < read.vocabularySize)
          #expect(!read.labels.isEmpty && read.labels.count <= 1 << 14)
          // What is read can be written and read again.
          let written = read.merged(hasNativeHead: true, weights: .float32)
          _ = try EncoderConfiguration(JSONNode(.object(written), file: "written"))
        } catch {
          refusals += 1
          #expect(error.file == "config.json", "\(key) \(value): \(error)")
          #expect(!error.remedy.isEmpty, "\(key) \(value): \(error)")
          #expect(error.description.utf8.count < 400)
        }
      }
    }
    #expect(refusals > 300)
  }
}
