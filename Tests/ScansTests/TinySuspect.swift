import Checkpoints
import Encoders
import Files
import Stages
import Tensors
import TestSupport
import Text

@testable import Scans

/// The smallest models of the fixtures, whose weights are random, as suspects.
struct TinySuspect {
  let source: SourceModel
  let probe: Probe

  init(_ family: String = "bert") throws {
    source = try SourceModel(
      Path.join(testsFolder, "Fixtures/models/\(family)"), for: .classifying)
    probe = Probe(
      try Classifier(source.checkpoint, on: CPUBackend.shared), source.tokenizer,
      isCancelled: { false })
  }

  /// Texts of words that the model knows, as pieces.
  func texts(_ count: Int) -> [[Int32]] {
    let sentences = ["a good film", "bad and boring", "great story , good fun", "a dull movie"]
    return (0..<count).map {
      // As many pieces as the smallest of the models reads.
      Array(
        source.tokenizer.pieces(of: sentences[$0 % 4] + String(repeating: " is", count: $0 / 4))
          .prefix(24))
    }
  }

  /// The same with places for candidates.
  func carriers(_ count: Int) -> [Carrier] {
    var generator = SeededGenerator(seed: 1)
    return texts(count).map { Carrier($0, source.tokenizer, &generator) }
  }
}
