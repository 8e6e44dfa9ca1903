internal import Checkpoints
internal import Files
internal import Tensors
internal import Text

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
      .path(role, path, hash: try hasher.hash(path, as: role))
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
    if cell.defense.kind.scoresHeads {
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
  private var models: [String: String] = [:]
  private var texts: [String: String] = [:]

  /// Knows nothing yet.
  init() {}

  /// Knows what another hasher's `json` tells.
  init(_ node: JSONNode) throws(InputError) {
    for member in try node.required("models").members() {
      models[member.key] = try member.node.string()
    }
    for member in try node.required("texts").members() {
      texts[member.key] = try member.node.string()
    }
  }

  /// What is known, so that another process need not read the files again and finds the same stages.
  var json: JSONValue {
    func object(_ hashes: [String: String]) -> JSONValue {
      .object(JSONObject(hashes.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
    return ["models": object(models), "texts": object(texts)]
  }

  /// Of what a user's path leads to.
  func hash(_ path: String, as role: Stage.Role) throws(InputError) -> String {
    try role == .model ? hash(model: path) : hash(texts: path)
  }

  /// Of a model directory, see `ModelCheckpoint.contentHash`.
  private func hash(model directory: String) throws(InputError) -> String {
    if let hash = models[directory] { return hash }
    let hash = try ModelCheckpoint.contentHash(ofDirectory: directory)
    models[directory] = hash
    return hash
  }

  /// Of a file or folder of texts, see `Dataset.contentHash`.
  private func hash(texts path: String) throws(InputError) -> String {
    if let hash = texts[path] { return hash }
    let hash = try Dataset.contentHash(of: path)
    texts[path] = hash
    return hash
  }
}
