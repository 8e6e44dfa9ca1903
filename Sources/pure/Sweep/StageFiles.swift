import Files
import Laboratory

/// Where stages leave what other stages read.
enum StageFiles {
  /// The model directory below a stage's output, or the user's own model directory.
  static func modelDirectory(_ path: String) -> String {
    Path.exists(Path.join(path, "config.json")) ? path : Path.join(path, "model")
  }

  static func output(_ request: StageRequest) -> String {
    Path.join(request.outputDirectory, "model")
  }

  static func triggered(_ directory: String) -> String { Path.join(directory, "triggered.tsv") }
}

/// What scoring and pruning hand on to the fine-tuning after them.
struct HeadFindings {
  /// Variance scores, layers × heads, for the norm term's layer weights.
  let scores: [[Double]]
  /// Pruned heads by layer.
  let pruned: [[Int]]

  init(scores: [[Double]], pruned: [[Int]]) {
    self.scores = scores
    self.pruned = pruned
  }

  init(_ directory: String) throws {
    let node = try JSONNode(contentsOf: Self.file(directory))
    scores = try node.required("scores").elements().map { row in
      try row.elements().map { try $0.double() }
    }
    pruned = try node.required("pruned").elements().map { row in
      try row.elements().map { try $0.int() }
    }
  }

  func write(to directory: String) throws {
    let json: JSONValue = [
      "scores": .array(scores.map { .array($0.map(JSONValue.double)) }),
      "pruned": .array(pruned.map { .array($0.map(JSONValue.int)) }),
    ]
    try AtomicFile.write(json.serialized(.pretty), to: Self.file(directory))
  }

  private static func file(_ directory: String) -> String { Path.join(directory, "heads.json") }
}
