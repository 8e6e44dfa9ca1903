internal import Checkpoints
internal import Encoders
internal import Files
internal import Tensors

/// The state of a run between two epochs, in one file that is replaced as a whole: parameters, both
/// moments and, when it is an earlier one, the best epoch's parameters as safetensors, the report
/// in its metadata, and there the SHA-256 of everything. Dropout and data order follow from the
/// seed and the step, so nothing of them is kept.
struct TrainingCheckpoint {
  private let path: String
  /// Whose state it is.
  private let run: String
  /// What the run minimises; nil where it is plain fine-tuning.
  private let objective: String?

  /// - Parameter run: tells runs apart that keep their states in one place; another one's is no
  ///   state to go on from.
  init(directory: String, run: String, objective: Objective) {
    path = Path.join(directory, "training.safetensors")
    self.run = run
    self.objective = objective.isPlain ? nil : objective.json.text()
  }

  /// The state after the last saved epoch, its tensors loaded into `training`; nil when nothing was
  /// saved. `best` is nil when the last epoch is the best so far, or the run keeps its last.
  ///
  /// - Throws: `InputError` where the file is damaged, or of a run of another kind.
  func load(into training: TrainingStep) throws -> (report: TrainingReport, best: ParameterBlock?)?
  {
    guard Path.exists(path) else { return nil }
    let state = try opened()
    guard state.metadata[Key.run]?.string == run else { return nil }
    if state.metadata[Key.objective]?.string != objective {
      throw refusal("was trained with another objective")
    }
    let report = try readable { () throws(InputError) in
      let text = state.metadata[Key.report]?.string ?? ""
      return try TrainingReport(
        JSONNode(JSONValue(parsing: Array(text.utf8), file: path), file: path))
    }
    let precision = training.model.backend.precision
    guard report.precision == precision else {
      throw refusal(
        "was trained in \(report.precision), not in \(precision)", "go on in that precision, or ")
    }
    for (name, block) in training.savedBlocks + [(Self.best, training.model.parameters)] {
      guard let found = state.description(of: name) else { continue }
      guard found.shape == [block.layout.count] else {
        throw refusal(
          "is of another model: \(name) has the shape \(found.shape), not [\(block.layout.count)]")
      }
    }
    for (name, block) in training.savedBlocks { try block.flat.write(values(name, in: state)) }
    guard state.description(of: Self.best) != nil else { return (report, nil) }
    let best = try training.model.parameters.copy()
    try best.flat.write(values(Self.best, in: state))
    return (report, best)
  }

  /// The file, once its metadata are known to be what was saved.
  private func opened() throws(InputError) -> SafetensorsFile {
    let file = try readable { () throws(InputError) in try SafetensorsFile(path) }
    guard let seal = file.metadata[Key.seal]?.string, file.metadata[Key.report] != nil else {
      throw refusal("is not a training state of this version of the program")
    }
    let hashes = file.metadata.keys.filter { $0.hasPrefix(Key.hash(of: "")) }
    guard seal == Self.seal(of: file.metadata),
      Set(hashes) == Set(file.tensors.map { Key.hash(of: $0.name) })
    else { throw damage() }
    return file
  }

  private func values(_ name: String, in file: SafetensorsFile) throws(InputError) -> [Float] {
    let values = try readable { () throws(InputError) in try file.tensor(name).values }
    guard file.metadata[Key.hash(of: name)]?.string == SHA256.hex(of: values) else {
      throw damage()
    }
    return values
  }

  /// Replaces the saved state.
  func save(_ report: TrainingReport, _ training: TrainingStep, best: ParameterBlock?) throws {
    try Path.makeDirectory(Path.parent(of: path))
    let blocks = training.savedBlocks + (best.map { [(Self.best, $0)] } ?? [])
    var metadata = JSONObject([
      ("format", "pt"), (Key.run, .string(run)), (Key.report, .string(report.json.text())),
    ])
    metadata[Key.objective] = objective.map(JSONValue.string)
    for (name, block) in blocks {
      metadata[Key.hash(of: name)] = .string(SHA256.hex(of: try block.flat.hostFloats()))
    }
    metadata[Key.seal] = .string(Self.seal(of: metadata))
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

  private enum Key {
    static let run = "run"
    static let report = "report"
    static let objective = "objective"
    static let seal = "seal"
    static func hash(of tensor: String) -> String { "sha256." + tensor }
  }

  private static func seal(of metadata: JSONObject) -> String {
    let members = metadata.members.filter { $0.key != Key.seal }.map { ($0.key, $0.value) }
    return SHA256.hex(of: JSONValue.object(JSONObject(members)).serialized(.canonical))
  }

  private func refusal(_ problem: String, _ before: String = "") -> InputError {
    InputError(
      file: path, problem: problem,
      remedy: before + "delete it to train from the beginning")
  }

  private func damage() -> InputError {
    refusal("is not as it was saved: it was damaged or changed since")
  }

  /// What is read of the file. Whatever is wrong with it, there is one remedy.
  private func readable<Result>(
    _ read: () throws(InputError) -> Result
  ) throws(InputError) -> Result {
    do {
      return try read()
    } catch {
      var error = error
      error.remedy = refusal("").remedy
      throw error
    }
  }
}

extension TrainingStep {
  /// A GPU may be through an epoch in less time than its state takes to be hashed and written, so
  /// that states are saved as often as costs a tenth of the time where a gigabyte takes a second.
  /// Small ones are saved after every epoch.
  var fewestBetweenSaves: Duration {
    let bytes = savedBlocks.reduce(0) { $0 + 4 * $1.1.layout.count }
    return bytes < 1 << 24 ? .zero : .seconds(10 * Double(bytes) / 1e9)
  }

  fileprivate var savedBlocks: [(String, ParameterBlock)] {
    [
      ("parameters", model.parameters), ("firstMoment", firstMoment),
      ("secondMoment", secondMoment),
    ]
  }
}
