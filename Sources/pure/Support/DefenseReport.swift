import Checkpoints
import Defenses
import Files
import Laboratory
import Scans
import Stages
import Training

/// What a defence found out and removed, as people and programs read it.
struct DefenseReport {
  private let title: String
  private let heads: HeadReport?
  private let pruning: JSONValue?
  private let layerWeights: [Double]?
  private let firstTraining: TrainingReport?
  private let prunedHeads: [[Int]]
  private let headCount: Int
  private let comparison: ScanComparison?

  /// - Parameters:
  ///   - name: of the method.
  ///   - run: of its stages.
  ///   - model: what came out.
  ///   - comparison: what scans found before and after.
  init(
    _ name: String, _ stages: DefenseStages, _ run: StageRun, _ model: ModelCheckpoint,
    _ comparison: ScanComparison?
  ) {
    self.comparison = comparison
    title = name
    let found = stages.heads.map { run.entry($0).outcome }
    heads = found?.heads
    pruning = found?.findings["pruning"]
    layerWeights =
      run.entry(stages.classifier).outcome.findings["layerWeights"]?.array?.compactMap(\.double)
    firstTraining = run.firstTraining(before: stages.classifier)
    prunedHeads = model.prunedHeads
    headCount = model.configuration.layerCount * model.configuration.headCount
  }

  private var prunedCount: Int { prunedHeads.reduce(0) { $0 + $1.count } }

  /// For standard output, card and programs.
  var findings: Findings { Findings(lines: lines, table: table, json: json) }

  private var lines: [String] {
    var lines: [String] = []
    if let before = pruning?["accuracyBefore"]?.double,
      let after = pruning?["accuracyAfter"]?.double
    {
      if let floor = pruning?["accuracyFloor"]?.double {
        lines.append(
          "validation accuracy \(percent(before)) after plain fine-tuning; pruning ended below "
            + percent(floor))
      }
      lines.append(
        "\(prunedCount) of \(headCount) heads pruned; validation accuracy "
          + "\(percent(before)) before, \(percent(after)) after, before retraining")
      if prunedCount == 0 {
        lines.append(
          "no head could go: lower --accuracy-floor, or give it as a difference such as -0.03")
      }
      for (layer, heads) in prunedHeads.enumerated() where !heads.isEmpty {
        lines.append("  layer \(layer + 1): \(heads.map { String($0 + 1) }.joined(separator: " "))")
      }
    }
    if let weights = layerWeights {
      lines.append("lambda by layer: \(weights.map { fixed($0, 2) }.joined(separator: " "))")
    }
    return lines + (comparison?.lines ?? [])
  }

  private var table: [(name: String, value: String)] {
    (pruning == nil ? [] : [("heads pruned", "\(prunedCount) of \(headCount)")])
      + (layerWeights.map { weights in
        [("lambda by layer", weights.map { fixed($0, 3) }.joined(separator: ", "))]
      } ?? []) + (comparison?.table ?? [])
  }

  private var json: JSONObject {
    var object = JSONObject([("defense", .string(title)), ("headsPruned", .int(prunedCount))])
    if let pruning { object["pruning"] = pruning }
    if let heads { object["varianceScores"] = .matrix(heads.scores) }
    if let weights = layerWeights {
      object["layerWeights"] = .array(weights.map(JSONValue.double))
    }
    if let firstTraining { object["firstTraining"] = firstTraining.json }
    if let comparison { object["scan"] = comparison.json }
    return object
  }

  /// What was found and removed as one page; nil where no head was scored and nothing scanned.
  func page(model: String, facts: [(name: String, value: String)]) -> HeadsPage? {
    guard heads != nil || comparison != nil else { return nil }
    var page = HeadsPage(
      title: "What \(title) found in \(model)",
      subtitle: heads == nil
        ? "It scores no heads."
        : "\(prunedCount) of \(headCount) heads pruned; they are crossed out.",
      maps: heads.map { heads in
        HeatMap.scores(
          clean: heads.scores,
          pruned: zip(heads.scores, prunedHeads).map { scores, pruned in
            scores.indices.map(pruned.contains)
          })
      } ?? [],
      facts: table + facts)
    page.comparison = comparison
    return page
  }
}
