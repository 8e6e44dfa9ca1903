internal import Checkpoints
internal import Encoders
internal import Files
internal import Tensors

/// The state of a run between two epochs, in one file that is replaced as a whole: parameters, both moments and, when
/// it is an earlier one, the best epoch's parameters as safetensors, the report in its metadata. Dropout and data
/// order follow from the seed and the step, so nothing of them is kept.
struct TrainingCheckpoint {
  private let path: String
  /// What the run minimises; nil where it is plain fine-tuning, which older states do not name.
  private let objective: String?

  init(directory: String, objective: Objective) {
    path = Path.join(directory, "training.safetensors")
    self.objective = objective.isPlain ? nil : objective.json.text()
  }

  /// The state after the last saved epoch, its tensors loaded into `training`; nil when nothing was saved. `best` is
  /// nil when the last epoch is the best so far, or the run keeps its last.
  func load(into training: TrainingStep) throws -> (report: TrainingReport, best: ParameterBlock?)?
  {
    guard Path.exists(path) else { return nil }
    let file = try SafetensorsFile(path)
    guard let text = file.metadata["report"]?.string else {
      throw InputError(
        file: path, problem: "is not a training state of this program",
        remedy: "delete it to train from the beginning")
    }
    if let other = file.metadata["objective"]?.string, other != objective {
      throw InputError(
        file: path, problem: "was trained with another objective",
        remedy: "delete it to train from the beginning")
    }
    let report = try TrainingReport(
      JSONNode(try JSONValue(parsing: Array(text.utf8), file: path), file: path))
    let precision = training.model.backend.precision
    guard report.precision == precision else {
      throw InputError(
        file: path, problem: "was trained in \(report.precision), not in \(precision)",
        remedy: "go on in that precision, or delete it to train from the beginning")
    }
    for (name, block) in training.savedBlocks + [(Self.best, training.model.parameters)] {
      guard let found = file.description(of: name) else { continue }
      guard found.shape == [block.layout.count] else {
        throw InputError(
          file: path, place: .tensor(name),
          problem: "is of another model: shape \(found.shape), not [\(block.layout.count)]",
          remedy: "delete it to train from the beginning")
      }
    }
    for (name, block) in training.savedBlocks {
      try block.flat.write(try file.tensor(name).values)
    }
    guard file.description(of: Self.best) != nil else { return (report, nil) }
    let best = try training.model.parameters.copy()
    try best.flat.write(try file.tensor(Self.best).values)
    return (report, best)
  }

  /// Replaces the saved state.
  func save(_ report: TrainingReport, _ training: TrainingStep, best: ParameterBlock?) throws {
    try Path.makeDirectory(Path.parent(of: path))
    let blocks = training.savedBlocks + (best.map { [(Self.best, $0)] } ?? [])
    var metadata = JSONObject([("format", "pt"), ("report", .string(report.json.text()))])
    metadata["objective"] = objective.map(JSONValue.string)
    var writer = try SafetensorsWriter(
      AtomicFile(path), tensors: blocks.map { ($0.0, [$0.1.layout.count]) },
      metadata: metadata)
    for (_, block) in blocks {
      try writer.write(
        HostTensor(shape: [block.layout.count], values: try block.flat.hostFloats()))
    }
    try writer.commit()
  }

  private static let best = "best"
}

extension TrainingStep {
  fileprivate var savedBlocks: [(String, ParameterBlock)] {
    [
      ("parameters", model.parameters), ("firstMoment", firstMoment),
      ("secondMoment", secondMoment),
    ]
  }
}
