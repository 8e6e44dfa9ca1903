import Checkpoints
import Files

/// `config.json`; what is read is possible, and can be written and read again.
struct ConfigurationTarget: FuzzTarget {
  static let name = "config"
  private let file: String

  init(in folder: String) { file = Path.join(folder, "config.json") }

  func seeds() throws -> [[UInt8]] {
    try ModelFamily.allCases.map { try fixture("models/\($0.rawValue)/config.json") }
  }

  func read(_ bytes: [UInt8]) throws {
    let node = JSONNode(try JSONValue(parsing: bytes, file: file), file: file)
    let read = try EncoderConfiguration(node)
    claim(read.hiddenSize % read.headCount == 0, "has heads that do not fit")
    claim(read.maximumTokenCount > 2, "has no room for a text")
    claim(read.padTokenID < read.vocabularySize, "has a padding token without an embedding")
    claim(!read.labels.isEmpty && read.labels.count <= 1 << 14, "has \(read.labels.count) labels")
    for hasHead in [false, true] {
      let written = read.merged(into: try node.object(), hasNativeHead: hasHead, weights: .float32)
      let again = try EncoderConfiguration(JSONNode(.object(written), file: file))
      claim(again == read, "is another configuration when it was written and read")
    }
  }
}
