internal import Files
internal import Scans
internal import Text

/// A model whose truth is known, with what a sweep's scan found in it.
struct ScannedModel: Sendable {
  /// The cell that it was scanned in.
  let cell: String
  /// What was done to it, as tables call it.
  let attack: String
  /// Whether it is backdoored.
  let isPoisoned: Bool
  let seed: Int
  /// Whether it sets thresholds; otherwise it tells what they are worth.
  let setsThresholds: Bool
  /// Names of its outputs.
  let classes: [String]
  /// One for each class.
  let scans: [ClassScan]
  /// Of its encoder, as the defence leaves it: fine-tuned, so that words that mean something make
  /// texts of a clean one more alike than before.
  let vectors: VectorScan?

  var tokenScore: Double { scans.tokenScore }

  /// nil where its output vectors could not be looked at.
  var vectorScore: Double? {
    vectors.flatMap { $0.obstacle == nil ? $0.score : nil }
  }

  /// Whether all of it could be looked at.
  var isScanned: Bool { !scans.isEmpty && scans.allSatisfy { $0.obstacle == nil } }

  func verdict(by calibration: ScanCalibration, _ search: TokenSearch) -> Verdict {
    Scan(classes: classes, scans: scans, search: search, calibration).judgement.verdict
  }

  /// The models of cells, each once: a clean model that is tested with several triggers is one.
  ///
  /// - Parameter newest: records by cell; cells without a scan are left out.
  static func all(
    _ cells: [Cell], _ newest: [String: RunRecord], _ thresholds: Plan.Figure.ThresholdModels
  ) -> [ScannedModel] {
    let hasOneScenario = Set(cells.map(\.scenario.id)).count == 1
    var seen: Set<[String]> = []
    return cells.compactMap { cell in
      guard let record = newest[cell.id], record.isFinished else { return nil }
      let traces = record.stages.filter { $0.kind == TokenScanStage.kind }
      let scans = traces.compactMap { try? ClassScan(findings: $0.findings) }
      guard !scans.isEmpty, scans.count == traces.count,
        seen.insert(traces.map(\.key)).inserted
      else { return nil }
      let attack = cell.attack.poisons ? cell.attack.title : "clean models"
      return ScannedModel(
        cell: cell.id, attack: hasOneScenario ? attack : "\(cell.scenario.title): \(attack)",
        isPoisoned: cell.attack.poisons, seed: cell.seed, setsThresholds: thresholds.include(cell),
        classes: cell.scenario.defenseValidation.labelNames.names, scans: scans,
        vectors: record.stages.lazy.filter { $0.kind == VectorScanStage.kind }
          .compactMap { try? VectorScan(findings: $0.findings) }.first)
    }
  }
}
