import Checkpoints
import Encoders
import Files
import Tensors
import Text
import Training

/// The saved state of a training, from which a run goes on or which it refuses.
struct TrainingStateTarget: FuzzTarget {
  static let name = "training-state"
  private let folder: FuzzFolder
  private let texts = EncodedDataset([[1, 3, 2], [1, 4, 2]], labels: [0, 1])
  private let configuration = EncoderConfiguration(
    family: .bert, layerCount: 1, headCount: 1, hiddenSize: 2, intermediateSize: 1,
    vocabularySize: 5, maximumPositionCount: 4, tokenTypeCount: 1, initializerRange: 0.2)

  init(in folder: String) throws { self.folder = try FuzzFolder(folder) }

  /// What a report of training says.
  static func report(epochs: Int) -> JSONValue {
    let epochs = (1...epochs).map { epoch -> JSONValue in
      [
        "epoch": .int(epoch), "loss": 0.5, "validationAccuracy": 0.75, "seconds": 2,
        "dataSeconds": 1, "tokensPerSecond": 9,
      ]
    }
    return [
      "selectedEpoch": 1, "precision": "fp32",
      "cut": ["tokenLimit": 5, "partCount": 2, "stepCount": 1], "epochs": .array(epochs),
      "curve": [["step": 1, "value": 0.5]],
    ]
  }

  func seeds() throws -> [[UInt8]] {
    var seeds: [[UInt8]] = []
    for epochs in [2, 3] {
      try folder.hold([])
      // A small state is saved after every epoch but the last.
      _ = try run(epochs: epochs)
      seeds += try Self.inputs(ByteFile.contents(of: folder.file("training.safetensors")))
      try Path.remove(folder.file("training.safetensors"))
    }
    return seeds
  }

  private func run(epochs: Int) throws -> TrainingReport {
    let model = try Classifier(
      random: configuration, classifier: .native, seed: 1, on: CPUBackend.shared)
    var settings = TrainingSettings()
    settings.epochs = epochs
    settings.batchSize = 2
    settings.selection = .best
    let validation = try EvaluationSet(texts, classCount: 2, on: CPUBackend.shared)
    let trainer = try Trainer(model, settings: settings, checkpointDirectory: folder.path)
    return try trainer.train(on: texts, validation: validation)
  }

  func read(_ bytes: [UInt8]) throws {
    try folder.hold([("training.safetensors", Self.state(bytes))])
    do {
      let report = try run(epochs: 3)
      claim(
        (1...report.epochs.count).contains(report.selectedEpoch), "keeps an epoch that is none")
      let file = folder.file("training.safetensors")
      claim(try TrainingReport(JSONNode(report.json, file: file)) == report, "reports otherwise")
    } catch is TrainingError {
      // Weights may be such that no loss is a number.
    }
  }
}
