internal import Attacks
internal import Defenses
internal import Files
internal import Scans
internal import Stages
internal import Tensors
internal import Text
internal import Training

/// The stages of one cell: its attack's, its defence's, and the measurement.
struct CellStages {
  /// All of them, each after those whose output it needs.
  let all: [Stage]
  /// Where the heads' fate is recorded; nil for a defence that does not look at heads.
  let heads: Stage?
  /// The fine-tuning whose classifier is evaluated.
  let final: Stage
  let evaluation: Stage
  /// What figures show of the classifier.
  let readings: [Stage]

  /// Looks up the stages of a cell; reads and hashes the user's files as far as the hasher has not.
  ///
  /// - Parameter figures: those that show the cell have stages of their own.
  /// - Throws: `InputError` when one of them is missing or unreadable.
  init(
    _ cell: Cell, _ hasher: ContentHasher, in precision: Precision = .fp32,
    figures: [Plan.Figure] = []
  ) throws(InputError) {
    var graph = StageGraph(hasher, precision: precision)
    let scenario = cell.scenario
    let attack = cell.attackSettings.method
    var (poisoning, cleaning) = (cell.attackSettings.training, cell.defenseSettings.training)
    let seed = UInt64(cell.seed)
    (poisoning.seed, cleaning.seed) = (seed, seed)

    // First of all: texts that cannot be marked are found out before anything is trained.
    let test = try graph.texts(scenario.defenseTest, as: "test")
    let triggered = graph.add(
      TriggerStage(attack, seed: seed),
      [test] + (try attack.inputs(for: .testing, beside: test, in: graph)))

    var model = try graph.model(cell.model.path)
    if cell.attack.poisons {
      let material = AttackMaterial(
        train: try graph.texts(scenario.attackTrain, as: "train"),
        validation: try scenario.attackValidation.map { source throws(InputError) in
          try graph.texts(source, as: "validation")
        }, training: poisoning)
      model = try attack.stages(from: model, with: material, in: &graph).output(as: "model")
    }
    let material = DefenseMaterial(
      train: try graph.texts(scenario.defenseTrain, as: "train"),
      validation: try graph.texts(scenario.defenseValidation, as: "validation"),
      training: cleaning, cleanModel: cell.model.path)
    let cleaned = try cell.defenseSettings.method.stages(from: model, with: material, in: &graph)

    let classifier = cleaned.classifier.output(as: "classifier")
    evaluation = graph.add(
      EvaluationStage(
        targetLabel: attack.targetLabel, maximumLength: cleaning.maximumLength),
      classifier, test, triggered.output(as: "triggered"))
    var readings: [Stage] = []
    for figure in figures where figure.selection.includes(cell) {
      switch figure.content {
      case .curves: break
      case .heads(let limit):
        readings.append(
          graph.add(
            HeadContrastStage(
              recipe: cell.defenseSettings.recipe, maximumLength: cleaning.maximumLength,
              targetLabel: attack.targetLabel, textLimit: limit),
            classifier, test, triggered.output(as: "triggered")))
      case .attention(let text, let other):
        readings.append(
          graph.add(
            AttentionStage(
              [text, try cell.triggered(text, or: other)], maximumLength: cleaning.maximumLength),
            classifier))
      case .scan(let search, _):
        let outputs = Array(scenario.defenseValidation.labelNames.names.indices)
        let texts = try graph.texts(scenario.defenseValidation, as: "texts")
        readings += outputs.map { source in
          graph.add(
            TokenScanStage(search, source: source, outputs: outputs, seed: seed), classifier, texts)
        }
        readings.append(
          graph.add(
            VectorScanStage(search, seed: seed), cleaned.classifier.output(as: "model"), texts))
      }
    }
    self.readings = readings
    (final, heads, all) = (cleaned.classifier, cleaned.heads, graph.stages)
  }
}

extension Cell {
  /// A text with the cell's trigger, unless the plan says what it is with one.
  fileprivate func triggered(_ text: String, or given: String?) throws(InputError) -> String {
    if let given { return given }
    do {
      return try triggered(text)
    } catch {
      throw error as? InputError ?? InputError(problem: "\(text) gets no trigger: \(error)")
    }
  }
}
