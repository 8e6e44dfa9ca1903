internal import Attacks
internal import Defenses
internal import Files
internal import Stages
internal import Tensors
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

  /// Looks up the stages of a cell; reads and hashes the user's files as far as the hasher has not.
  /// - Throws: `InputError` when one of them is missing or unreadable.
  init(_ cell: Cell, _ hasher: ContentHasher, in precision: Precision = .fp32) throws(InputError) {
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

    evaluation = graph.add(
      EvaluationStage(
        targetLabel: attack.targetLabel, maximumLength: cleaning.maximumLength),
      cleaned.classifier.output(as: "classifier"), test, triggered.output(as: "triggered"))
    (final, heads, all) = (cleaned.classifier, cleaned.heads, graph.stages)
  }
}
