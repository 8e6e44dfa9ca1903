import Attestations
import Checkpoints
import CommandLineArguments
import Defenses
import Files
import Laboratory
import Scans
import Settings
import Stages
import Text
import Training

/// `--scan` of a defence: looks at the suspect after plain fine-tuning and at what the defence
/// made of it, and counts on both what the first look found.
struct DefenseScan {
  private let search: TokenSearch
  private let classes: [String]
  private let texts: String
  private let before: [Stage]
  private let after: [Stage]
  private let recounts: [Stage]

  /// How the search is set: nothing where `--scan` was not asked for.
  static let options = Option.settings(
    TokenSearch().descriptions.filter { $0.name != "maximumLength" })

  /// Adds the stages behind those of the defence.
  ///
  /// - Parameter classifier: leaves the cleaned model.
  init?(
    _ bench: Workbench, of classifier: Stage, _ material: DefenseMaterial,
    _ validation: LoadedTexts, in graph: inout StageGraph
  ) throws {
    guard bench.arguments.isSet("scan") else {
      try bench.refuse(Self.options.map(\.name), "without --scan")
      return nil
    }
    var search = TokenSearch()
    try bench.arguments.apply(to: &search)
    search.maximumLength = material.training.maximumLength
    (self.search, classes) = (search, validation.data.labels.names)
    texts = Path.name(of: validation.data.source)
    // PURE begins with it, so it is done already; other methods do not.
    let plain = graph.add(
      FineTuningStage(try bench.training(PURE.fineTuning.training(bench.recipe))),
      try graph.model(bench.arguments.text("model")), material.train, material.validation)
    let input = try graph.texts(validation.source, as: "texts")
    var (before, after, recounts): ([Stage], [Stage], [Stage]) = ([], [], [])
    for source in classes.indices {
      let work = TokenScanStage(
        search, source: source, outputs: Array(classes.indices), seed: bench.seed)
      before.append(graph.add(work, plain.output(as: "classifier"), input))
      after.append(graph.add(work, classifier.output(as: "classifier"), input))
      recounts.append(
        graph.add(
          RecountStage(work), plain.output(as: "before"), classifier.output(as: "after"),
          before[source].output(as: "scan"), input))
    }
    (self.before, self.after, self.recounts) = (before, after, recounts)
  }

  /// What the stages found.
  func comparison(_ run: StageRun) throws -> ScanComparison {
    func scan(_ stages: [Stage]) throws -> Scan {
      Scan(
        classes: classes, scans: try stages.map { try run.entry($0).outcome.classScan() },
        search: search)
    }
    return ScanComparison(
      before: try scan(before), after: try scan(after),
      recounts: try recounts.map { try run.entry($0).outcome.recount() })
  }

  /// The best candidates' label flip rates, for bills of materials.
  func metrics(_ comparison: ScanComparison) -> [BillOfMaterials.Metric] {
    comparison.directions.flatMap { direction in
      direction.candidates.prefix(5).flatMap { candidate in
        [("before", candidate.before), ("after", candidate.after)].map { moment, flips in
          BillOfMaterials.Metric(
            "label flip rate \(moment) the defence",
            on: "\(texts), \"\(candidate.text)\" inserted, from \(classes[direction.source]) to "
              + classes[direction.target],
            flips.share, interval: flips.interval)
        }
      }
    }
  }
}
