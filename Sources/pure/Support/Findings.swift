import Checkpoints
import Defenses
import Encoders
import Files
import Laboratory
import Training

/// What a defence found and removed, as people and programs read it.
struct Findings {
  private let result: Purification
  private let method: String

  init(_ result: Purification, method: String) {
    self.result = result
    self.method = method
  }

  private var headCount: Int { result.headMask.layerCount * result.headMask.headCount }

  /// For standard output.
  var lines: [String] {
    var lines: [String] = []
    if let pruning = result.pruning {
      lines.append(
        "\(result.headMask.prunedCount) of \(headCount) heads pruned; validation accuracy "
          + "\(percent(pruning.accuracyBefore)) before, \(percent(pruning.accuracyAfter)) after, "
          + "before retraining")
      if result.headMask.prunedCount == 0 {
        lines.append(
          "no head could go: lower --accuracy-floor below the validation accuracy before pruning")
      }
      for (layer, heads) in result.headMask.pruned.enumerated() where !heads.isEmpty {
        lines.append("  layer \(layer + 1): \(heads.map { String($0 + 1) }.joined(separator: " "))")
      }
    }
    if let weights = result.layerWeights {
      lines.append("lambda by layer: \(weights.map { fixed($0, 2) }.joined(separator: " "))")
    }
    return lines
  }

  /// For the model card.
  var table: [(name: String, value: String)] {
    (result.pruning == nil
      ? [] : [("heads pruned", "\(result.headMask.prunedCount) of \(headCount)")])
      + (result.layerWeights.map { weights in
        [("lambda by layer", weights.map { fixed($0, 3) }.joined(separator: ", "))]
      } ?? [])
  }

  /// For `config.json` and `--json`.
  var json: JSONObject {
    var object = JSONObject([
      ("defense", .string(method)), ("headsPruned", .int(result.headMask.prunedCount)),
    ])
    if let pruning = result.pruning {
      object["pruning"] = [
        "accuracyBefore": .double(pruning.accuracyBefore),
        "accuracyAfter": .double(pruning.accuracyAfter),
        "evaluations": .int(pruning.evaluationCount),
      ]
    }
    if let scores = result.scores {
      object["varianceScores"] = .array(
        scores.values.map { .array($0.map(JSONValue.double)) })
    }
    if let weights = result.layerWeights {
      object["layerWeights"] = .array(weights.map(JSONValue.double))
    }
    if let first = result.firstTraining { object["firstTraining"] = first.json }
    return object
  }

  /// What was found and removed as one page; nil where no head was scored.
  func page(model: String, facts: [(name: String, value: String)]) -> HeadsPage? {
    result.scores.map { scores in
      HeadsPage(
        title: "What \(method) found in \(model)",
        subtitle:
          "\(result.headMask.prunedCount) of \(headCount) heads pruned; they are crossed out.",
        maps: HeadsPage.maps(
          clean: scores.values, pruned: result.headMask.alive.map { $0.map { !$0 } }),
        facts: table + facts)
    }
  }
}
