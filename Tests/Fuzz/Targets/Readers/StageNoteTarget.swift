import Checkpoints
import Files
import Laboratory
import Stages
import Training

/// The note of a finished stage; what it says is written alike.
struct StageNoteTarget: FuzzTarget {
  static let name = "stage-note"
  private let store: ArtifactStore
  private let folder: FuzzFolder
  private let stage = Stage(EvaluationStage(targetLabel: 1, maximumLength: 128), [])

  init(in folder: String) throws {
    store = ArtifactStore(folder)
    self.folder = try FuzzFolder(Path.join(folder, stage.name))
  }

  func seeds() throws -> [[UInt8]] {
    var outcome = StageOutcome(
      epochs: [EpochSummary(loss: 0.5, validationAccuracy: 0.75)],
      heads: HeadReport(scores: [[0.5, .nan], [1, 2]], pruned: [[1], []]),
      evaluation: Evaluation(
        clean: ConfusionMatrix(counts: [[5, 1], [2, 6]]),
        triggered: ConfusionMatrix(counts: [[1, 9], [0, 0]]), targetLabel: 1),
      batchParts: 2, unreadTriggerCount: 3, findings: JSONObject([("pruning", ["evaluations": 1])]))
    outcome.training = try TrainingReport(
      JSONNode(TrainingStateTarget.report(epochs: 2), file: "stage.json"))
    let note = JSONObject([
      ("key", .string(stage.key)), ("identity", stage.identity), ("seconds", 1.5),
      (
        "environment",
        [
          "device": "cpu", "threads": 2, "precision": "fp32", "version": "0.1.0",
          "libraries": ["built-in"],
        ]
      ), ("outcome", outcome.json), ("earlierFault", nil), ("files", ["result": "00"]),
    ])
    var sealed = note
    sealed["seal"] = .string(SHA256.hex(of: JSONValue.object(note).serialized(.canonical)))
    return [note, sealed].map { JSONValue.object($0).serialized(.pretty) }
  }

  func read(_ bytes: [UInt8]) throws {
    try folder.hold([("stage.json", bytes)])
    guard let entry = try store.entry(for: stage) else { return }
    let json = entry.outcome.json
    let again = try StageOutcome(JSONNode(json, file: folder.file("stage.json")))
    // Scores that could not be measured are no numbers, which equal nothing.
    claim(again.json == json, "says something else when it was written and read")
    claim(entry.seconds.isFinite, "took no time that can be told")
  }
}

/// The scores of heads that a stage leaves for the next.
struct HeadScoreTarget: FuzzTarget {
  static let name = "heads"
  private let folder: FuzzFolder
  private let again: String
  private let configuration = EncoderConfiguration(
    family: .bert, layerCount: 2, headCount: 3, hiddenSize: 6, intermediateSize: 6,
    vocabularySize: 9, maximumPositionCount: 9)

  init(in folder: String) throws {
    self.folder = try FuzzFolder(folder)
    again = self.folder.file("again")
    try Path.makeDirectory(again)
  }

  func seeds() throws -> [[UInt8]] {
    let heads: JSONValue = [
      "scores": [[0.5, 0.25, 0.125], [1, 2, 3]], "pruned": [[0, 2], []],
    ]
    return [heads.serialized()]
  }

  func read(_ bytes: [UInt8]) throws {
    try folder.hold([("heads.json", bytes)])
    let heads = try ScoredHeads(in: folder.path, of: configuration)
    claim(heads.scores.ascending.count == 6, "ranks another number of heads than there are")
    try heads.write(to: again)
    claim(try ScoredHeads(in: again, of: configuration) == heads, "is written as other heads")
  }
}
