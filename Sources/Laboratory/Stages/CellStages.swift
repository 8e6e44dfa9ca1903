internal import Files
internal import Tensors

/// The stages of one cell.
struct CellStages {
  /// All of them, each after those whose output it needs.
  let all: [Stage]
  /// The pruning, or the scores where nothing is pruned: where the heads' fate is recorded.
  let heads: Stage?
  /// The fine-tuning whose classifier is evaluated.
  let final: Stage
  let evaluation: Stage

  /// Looks up the stages of a cell; reads and hashes the user's files as far as the hasher has not.
  /// - Throws: `InputError` when one of them is missing or unreadable.
  init(_ cell: Cell, _ hasher: ContentHasher, in precision: Precision = .fp32) throws(InputError) {
    func file(_ role: Stage.Role, _ path: String) throws(InputError) -> Stage.Input {
      .path(role, path, hash: try hasher.hash(path))
    }
    var stages: [Stage] = []
    func add(_ work: StageWork, _ inputs: Stage.Input?...) -> Stage {
      let stage = Stage(work, inputs, precision: precision)
      if !stages.contains(where: { $0.key == stage.key }) { stages.append(stage) }
      return stage
    }
    let scenario = cell.scenario
    let settings = cell.defenseSettings
    let length = settings.training.maximumLength

    var model = try file(.model, cell.model.path)
    if cell.attack.kind != .none {
      let poison = add(
        .poison(cell.attack.kind, cell.attackSettings, seed: cell.seed), model,
        try file(.train, scenario.attackTrain),
        try scenario.attackValidation.map { path throws(InputError) in try file(.validation, path) }
      )
      model = .output(.model, of: poison)
    }
    let train = try file(.train, scenario.defenseTrain)
    let validation = try file(.validation, scenario.defenseValidation)
    let test = try file(.test, scenario.defenseTest)

    var heads: Stage?
    var headInput: Stage.Input?
    if cell.defense.kind.prunes || cell.defense.kind.normalizes {
      let base = add(
        .finetune(settings.training, norm: nil, seed: cell.seed), model, train, validation)
      let scores = add(
        .scores(settings.recipe, maximumLength: length), .output(.classifier, of: base), validation)
      (heads, headInput) = (scores, .output(.scores, of: scores))
      if cell.defense.kind.prunes {
        let pruning = add(
          .pruning(
            .init(
              recipe: settings.recipe, accuracyFloor: settings.accuracyFloor,
              step: settings.pruningStep, maximumLength: length)),
          .output(.classifier, of: base), .output(.scores, of: scores), validation)
        (heads, headInput) = (pruning, .output(.pruning, of: pruning))
      }
    }
    let norm =
      cell.defense.kind.normalizes
      ? StageWork.Norm(weight: settings.normWeight, recipe: settings.recipe) : nil
    let final = add(
      .finetune(settings.training, norm: norm, seed: cell.seed), model, train, validation, headInput
    )
    let triggered = add(
      .trigger(cell.attack.triggerKind, cell.attackSettings, seed: cell.seed), test)
    evaluation = add(
      .evaluation(targetLabel: cell.attackSettings.targetLabel, maximumLength: length),
      .output(.classifier, of: final), test, .output(.triggered, of: triggered))
    self.final = final
    self.heads = heads
    all = stages
  }
}

/// Hashes the user's files, each once.
final class ContentHasher {
  private var hashes: [String: String] = [:]

  /// SHA-256 of a file, or of what in a directory can matter to a model: the names and contents of
  /// its configuration, tokenizer and weight files.
  /// - Throws: `InputError` when the path is missing or unreadable.
  func hash(_ path: String) throws(InputError) -> String {
    if let hash = hashes[path] { return hash }
    let hash = Path.isDirectory(path) ? try directoryHash(path) : try SHA256.hex(ofFile: path)
    hashes[path] = hash
    return hash
  }

  private func directoryHash(_ directory: String) throws(InputError) -> String {
    var listing = JSONObject()
    for name in try Path.names(in: directory) where Self.matters(name) {
      let path = Path.join(directory, name)
      if Path.isFile(path) { listing[name] = .string(try SHA256.hex(ofFile: path)) }
    }
    guard listing.count > 0 else {
      throw InputError(
        file: directory, problem: "has no model in it",
        remedy: "name a Hugging Face directory with config.json and safetensors")
    }
    return SHA256.hex(of: JSONValue.object(listing).serialized(.canonical))
  }

  private static func matters(_ name: String) -> Bool {
    !name.hasPrefix(".")
      && [".json", ".txt", ".safetensors"].contains { name.hasSuffix($0) }
  }
}
