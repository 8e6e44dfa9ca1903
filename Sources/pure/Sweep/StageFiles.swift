import Defenses
import Encoders
import Files
import Laboratory

/// Where stages leave what other stages read.
enum StageFiles {
  /// The model directory below a stage's output, or the user's own model directory.
  static func modelDirectory(_ path: String) -> String {
    let output = Path.join(path, "model")
    return Path.exists(Path.join(path, "stage.json")) && Path.isDirectory(output) ? output : path
  }

  static func output(_ request: StageRequest) -> String {
    Path.join(request.outputDirectory, "model")
  }

  static func triggered(_ directory: String) -> String { Path.join(directory, "triggered.tsv") }
}

/// What scoring and pruning hand on to the fine-tuning after them.
struct HeadFindings {
  /// For the norm term's layer weights.
  let scores: HeadScores
  let mask: HeadMask

  init(scores: HeadScores, mask: HeadMask) {
    self.scores = scores
    self.mask = mask
  }

  init(_ directory: String) throws {
    let node = try JSONNode(contentsOf: Self.file(directory))
    let values = try node.required("scores").elements().map { row in
      try row.elements().map { try $0.double() }
    }
    scores = HeadScores(values: values)
    mask = HeadMask(
      layerCount: values.count, headCount: values.first?.count ?? 0,
      pruned: try node.required("pruned").elements().map { row in
        try row.elements().map { try $0.int() }
      })
  }

  func write(to directory: String) throws {
    let json: JSONValue = [
      "scores": .array(scores.values.map { .array($0.map(JSONValue.double)) }),
      "pruned": .array(mask.pruned.map { .array($0.map(JSONValue.int)) }),
    ]
    try AtomicFile.write(json.serialized(.pretty), to: Self.file(directory))
  }

  private static func file(_ directory: String) -> String { Path.join(directory, "heads.json") }
}
