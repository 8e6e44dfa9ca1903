import Stages
import Tensors
import TestSupport
import Testing
import Training

@testable import Files
@testable import Laboratory

/// A plan on made-up files: two attacks, all defences, two seeds.
///
/// - Parameter attacks: instead of the two.
func planJSON(
  seeds: String = "[11, 12]", extra: String = "", attackSettings: String = "{}",
  attacks: String? = nil, scenarios more: String = "",
  defenses: String = """
  {"id": "ft", "kind": "ft"}, {"id": "fth", "kind": "fth"},
  {"id": "prune-only", "kind": "prune-only"}, {"id": "norm-only", "kind": "norm-only"},
  {"id": "pure", "kind": "pure"}
  """
) -> String {
  let attacks =
    attacks ?? """
      {"id": "none", "title": "clean model", "kind": "none", "only": {"defenses": ["ft"]}},
      {"id": "badnets", "title": "BadNets", "kind": "badnets", "settings": \(attackSettings)}
      """
  return """
    {"name": "test", "title": "A test", "variables": {"ROOT": null, "MODEL": "model"}, \(extra)
     "models": [{"id": "bert", "title": "BERT", "path": "${ROOT}/${MODEL}"}],
     "scenarios": [{"id": "fdk", "title": "SST-2 → SST-2",
       "attackData": {"train": "${ROOT}/train.tsv"},
       "defenseData": {"train": "${ROOT}/train.tsv", "validation": "${ROOT}/dev.tsv",
         "test": "${ROOT}/test.tsv"}}\(more)],
     "attacks": [\(attacks)],
     "defenses": [\(defenses)], "seeds": \(seeds)}
    """
}

/// Reads a plan from text with `ROOT` set.
func makePlan(_ json: String = planJSON(), root: String = "/nowhere") throws(InputError) -> Plan {
  let value = try JSONValue(parsing: Array(json.utf8), file: "plan.json")
  return try Plan(JSONNode(value, file: "plan.json"), setting: ["ROOT=\(root)"])
}

extension Scratch {
  /// Writes the model and the data files that the plan names.
  func addInputs() throws {
    try write("{}", to: "model/config.json")
    for name in ["train", "dev", "test"] { try write("\(name)\t1\n", to: name + ".tsv") }
  }
}

let sampleEnvironment = RunEnvironment(
  device: "cpu (AVX-512)", threads: 2, precision: .fp32, version: "0.1.0",
  libraries: ["OpenBLAS 0.3.21"])

/// A confusion pair with these rates of 1000 texts a class.
func evaluation(accuracy: Int, flips: Int) -> Evaluation {
  Evaluation(
    clean: ConfusionMatrix(counts: [[accuracy, 1000 - accuracy], [1000 - accuracy, accuracy]]),
    triggered: ConfusionMatrix(counts: [[1000 - flips, flips], [0, 0]]), targetLabel: 1)
}

/// A finished record of a cell.
func record(
  _ cell: Cell, _ plan: Plan, _ evaluation: Evaluation, heads: HeadReport? = nil,
  epochs: [EpochSummary] = [], seconds: Double = 10
) -> RunRecord {
  RunRecord(
    cell: cell, key: String(repeating: "ab", count: 32),
    result: .finished(evaluation, heads: heads, epochs: epochs),
    stages: [
      .init(kind: "poison", key: String(repeating: "12", count: 32), seconds: 100),
      .init(kind: "finetune", key: String(repeating: "34", count: 32), seconds: seconds),
      .init(kind: "evaluation", key: String(repeating: "ab", count: 32), seconds: 1),
    ], environment: sampleEnvironment, plan: plan, date: "2026-01-02T03:04:05Z")
}
