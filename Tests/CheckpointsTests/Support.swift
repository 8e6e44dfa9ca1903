import Checkpoints
import Files
import Testing

/// Safetensors files put together byte by byte, so that they can be wrong in any way.
enum RawSafetensors {
  static func file(_ header: String, dataCount: Int = 0) -> [UInt8] {
    file(header: Array(header.utf8), data: [UInt8](repeating: 0, count: dataCount))
  }

  static func file(header: [UInt8], data: [UInt8]) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header + data
  }

  static func file(_ tensors: [RawTensor]) -> [UInt8] {
    var offset = 0
    var data: [UInt8] = []
    let entries = tensors.map { tensor in
      let start = offset
      for value in tensor.values {
        data += (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
      }
      offset = data.count
      return #""\#(tensor.name)":{"dtype":"F32","shape":\#(tensor.shape),"#
        + #""data_offsets":[\#(start),\#(offset)]}"#
    }
    return file(header: Array("{\(entries.joined(separator: ","))}".utf8), data: data)
  }
}

struct RawTensor: Equatable {
  var name: String
  var shape: [Int]
  var values: [Float]

  /// Different numbers for every name, exact in all three storage types.
  init(_ name: String, _ shape: [Int]) {
    self.name = name
    self.shape = shape
    let seed = name.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
    values = (0..<shape.reduce(1, *)).map { Float((seed &+ $0 &* 37) % 255 - 127) / 64 }
  }
}

/// The models of `Fixtures/state-dictionaries.py`: names and shapes as transformers has them.
struct StateDictionary {
  enum Kind: String, CaseIterable {
    case encoder = "AutoModel"
    case classifier = "AutoModelForSequenceClassification"
    case maskedLanguageModel = "AutoModelForMaskedLM"
  }

  var tensors: [RawTensor]

  init(_ family: ModelFamily, _ kind: Kind) throws {
    let fixture = Path.join(Path.parent(of: #filePath), "Fixtures/state-dictionaries.txt")
    let text = String(decoding: try ByteFile.contents(of: fixture), as: UTF8.self)
    let lines = text.split(separator: "\n")
    let start = try #require(lines.firstIndex(of: "# \(family.rawValue) \(kind.rawValue)"))
    tensors = lines[(start + 1)...].prefix { !$0.hasPrefix("#") }.map { line in
      let words = line.split(separator: " ").map(String.init)
      return RawTensor(words[0], words.dropFirst().compactMap { Int($0) })
    }
  }

  subscript(name: String) -> RawTensor? { tensors.first { $0.name == name } }
}

/// The configuration of those models.
enum TinyModel {
  static func config(_ family: ModelFamily) -> JSONObject {
    var config = JSONObject([
      ("model_type", .string(family.rawValue)), ("vocab_size", 11), ("max_position_embeddings", 9),
      ("pad_token_id", 1), ("somebodys_key", ["kept": true]),
      ("id2label", ["0": "bad", "1": "so so", "2": "good"]),
    ])
    let sizes: [(String, JSONValue)] =
      family == .distilbert
      ? [("dim", 6), ("n_layers", 2), ("n_heads", 3), ("hidden_dim", 5)]
      : [
        ("hidden_size", 6), ("num_hidden_layers", 2), ("num_attention_heads", 3),
        ("intermediate_size", 5), ("type_vocab_size", 2),
      ]
    for (key, value) in sizes { config[key] = value }
    return config
  }

  static func write(
    _ family: ModelFamily, _ tensors: [RawTensor], to directory: String,
    config: JSONObject? = nil
  ) throws {
    try Path.makeDirectory(directory)
    try AtomicFile.write(
      JSONValue.object(config ?? TinyModel.config(family)).serialized(),
      to: Path.join(directory, "config.json"))
    try AtomicFile.write(
      RawSafetensors.file(tensors), to: Path.join(directory, "model.safetensors"))
  }
}
