import Attestations
import Checkpoints
import CommandLineArguments
import Files
import Laboratory
import Stages
import Text

extension Workbench {
  /// A file that is written beside `--out`; nil where none is asked for.
  ///
  /// - Throws: `InputError`, before any work, where it could not be written.
  func fileBesideOutput(_ path: String?) throws -> ReportFile? {
    try path.map { path in
      let (folder, output) = (Path.parent(of: path), arguments.text("out"))
      let isInside = folder == Path.parent(of: Path.join(output, "file"))
      guard !isInside, !Path.isSame(folder, output) else {
        throw InputError(
          .usage, file: path, problem: "is in the directory of --out, which has to be empty",
          remedy: "choose another place")
      }
      try requireOutsideModel(path)
      // Where the output's folder would be made, this file may lie there too.
      if folder == Path.parent(of: output) { try Path.makeDirectory(folder) }
      return try ReportFile(path)
    }
  }

  /// Makes sure that a file will not lie in the directory of `--model`, whose digest it would
  /// change.
  ///
  /// - Throws: `InputError` where it would.
  func requireOutsideModel(_ path: String) throws(InputError) {
    var folder = Path.parent(of: path)
    while true {
      guard !Path.isSame(folder, arguments.text("model")) else {
        throw InputError(
          .usage, file: path, problem: "is in the directory of --model, which stays as it is",
          remedy: "choose another place")
      }
      let above = Path.parent(of: folder)
      if above == folder || folder == "." { return }
      folder = above
    }
  }

  /// What a model that this command makes is made of.
  func bill(
    of model: ModelCheckpoint, _ digest: ModelDigest, from source: ModelCheckpoint,
    _ graph: StageGraph, _ card: ModelCard, _ metrics: [BillOfMaterials.Metric]
  ) throws(InputError) -> BillOfMaterials {
    var ancestor: DescribedModel?
    if let directory = source.sourceDirectory {
      ancestor = DescribedModel(
        modelName, source, try ModelDigest(ofDirectory: directory))
    }
    var bill = BillOfMaterials(
      of: DescribedModel(Path.name(of: arguments.text("out")), model, digest), from: ancestor,
      summary: card.summary, method: card.method, generator: ReportFile.mark,
      version: Pure.version, date: Timestamp.now)
    bill.texts = graph.describedTexts
    bill.metrics = card.results.map { .init($0.type, on: $0.texts, $0.value) } + metrics
    bill.limits = (card.warning.map { [$0] } ?? []) + card.limits
    return bill
  }
}

extension StageGraph {
  /// The user's texts that the stages read, each once.
  var describedTexts: [BillOfMaterials.Texts] {
    var found: Set<Stage.Input> = []
    return stages.flatMap(\.inputs).compactMap { input in
      guard case .texts(let source, let hash) = input.source, found.insert(input).inserted else {
        return nil
      }
      return .init(role: input.name, name: Path.name(of: source.path), hash: hash)
    }
  }
}
