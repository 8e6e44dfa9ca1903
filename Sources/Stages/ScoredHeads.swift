public import Checkpoints
public import Encoders
public import Files
public import Training

/// What scoring and pruning hand on to the fine-tuning after them, in `heads.json`.
public struct ScoredHeads: Sendable, Equatable {
  /// For the norm term's layer weights.
  public let scores: HeadScores
  /// The heads that are alive.
  public let mask: HeadMask

  /// Scores of all heads, and which are alive.
  public init(scores: HeadScores, mask: HeadMask) {
    self.scores = scores
    self.mask = mask
  }

  /// Reads the file in the directory of a stage's result.
  ///
  /// - Parameter model: whose heads they have to be.
  /// - Throws: `InputError` where the file is damaged or of another model.
  public init(
    in directory: String, of model: EncoderConfiguration
  ) throws(InputError) {
    let node = try JSONNode(contentsOf: Self.file(directory))
    let (layers, heads) = (model.layerCount, model.headCount)
    let values = try node.required("scores").matrix { node throws(InputError) in
      try node.double()
    }
    let pruned = try node.required("pruned").matrix { node throws(InputError) in
      try node.int(in: 0...heads - 1)
    }
    guard values.count == layers, values.allSatisfy({ $0.count == heads }), pruned.count == layers
    else {
      throw node.error(
        "does not tell of \(layers) layers with \(heads) heads, which the model has",
        remedy: "delete its folder and run the same command again")
    }
    scores = HeadScores(values: values)
    mask = HeadMask(layerCount: layers, headCount: heads, pruned: pruned)
  }

  /// Writes the file into the directory of a stage's result.
  public func write(to directory: String) throws(InputError) {
    let json: JSONValue = [
      "scores": .matrix(scores.values), "pruned": .matrix(mask.pruned),
    ]
    try AtomicFile.write(json.serialized(.pretty), to: Self.file(directory))
  }

  private static func file(_ directory: String) -> String { Path.join(directory, "heads.json") }
}
