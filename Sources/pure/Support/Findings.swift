import Attacks
import Attestations
import Files
import Stages

/// What a method found out and did, as people and programs read it.
struct Findings {
  /// For standard output.
  var lines: [String] = []
  /// For the model card.
  var table: [(name: String, value: String)] = []
  /// For `config.json` and `--json`.
  var json = JSONObject()
  /// For a bill of materials.
  var metrics: [BillOfMaterials.Metric] = []
}

extension Findings {
  /// What an attack's stages say; nil where it is nothing.
  init?(of run: StageRun) throws(InputError) {
    guard let found = run.findings(of: TargetPiecesStage.kind)?["surgery"] else { return nil }
    table = try TargetPieces(JSONNode(found, file: TargetPiecesStage.kind)).table
    lines = table.map { "\($0.name): \($0.value)" }
    json["surgery"] = found
  }
}
