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

/// What a scan looks at, and the stages that do so.
struct ScanSubject {
  /// As the user gave it.
  let model: SourceModel
  /// Names of the outputs of the classifier that is scanned.
  let classes: [String]
  /// The texts with all their classes; nil where there are none.
  let texts: Dataset?
  /// What is done.
  private(set) var graph: StageGraph
  /// Those of the stages that look.
  private(set) var stages: [Stage] = []
  /// Those that score heads with what was found.
  private var drifts: [Stage] = []
  /// What looks at an encoder's output vectors, whatever becomes of it as a classifier.
  private var vectors: (graph: StageGraph, stage: Stage)?
  /// Those that invert triggers.
  private var inversions: [Stage] = []
  /// Why nothing can be looked at, a sentence each.
  private(set) var obstacles: [String] = []
  /// What verdicts are parted by.
  private let calibration: ScanCalibration

  /// - Throws: `InputError` where model or texts cannot be read, or do not belong together.
  init(_ bench: Workbench, _ search: TokenSearch) throws {
    let arguments = bench.arguments
    let (data, train) = (arguments.optionalText("data"), arguments.optionalText("train"))
    calibration =
      try arguments.optionalText("calibration").map(ScanCalibration.init(contentsOf:)) ?? .builtIn
    graph = StageGraph(precision: bench.precision)
    let suspect = try bench.suspect(for: train == nil ? .classifying : .freshClassifier)
    model = suspect
    let isEncoder = suspect.checkpoint.classifierKind == nil
    guard let data else {
      if train != nil { try bench.refuse(["train"], "without --data") }
      texts = nil
      classes = isEncoder ? [] : suspect.checkpoint.configuration.labels
      obstacles = [
        "no texts were given, so what it does with any is not known: it can be read, and is "
          + (isEncoder
            ? "an encoder without a classifier" : "a classifier of \(classes.count) classes")
      ]
      return
    }
    try Self.require(search, room: suspect, calibration)
    let sets = try bench.datasets(data, train)
    Self.tell(sets)
    let labels = sets[0].labels.names
    var source = bench.source(sets[0].source, sets[0])
    texts = sets[0]
    if isEncoder {
      // The same, so that what was hashed is not hashed again.
      var encoding = graph
      let stage = encoding.add(
        VectorScanStage(search, seed: bench.seed), try encoding.model(arguments.text("model")),
        try encoding.texts(source, as: "texts"))
      vectors = (encoding, stage)
    }
    classes = isEncoder ? labels : suspect.checkpoint.configuration.labels
    guard classes.count > 1 else {
      obstacles = ["it has one output, which is a score and tells no classes apart"]
      return
    }
    let outputs =
      try isEncoder
      ? Array(labels.indices) : bench.classes(of: suspect.checkpoint, for: sets[0].labels)
    var classifier = try graph.model(arguments.text("model"), as: "classifier")
    if isEncoder {
      var training = sets.dropFirst().first.map { bench.source($0.source, $0) }
      if training == nil {
        // Texts that it was trained on are no texts to count on.
        let halves = source.split(validationFraction: 0.5, seed: bench.seed)
        (training, source) = (halves.training, halves.validation)
      }
      classifier = graph.add(
        FineTuningStage(Self.training(bench.seed)), try graph.model(arguments.text("model")),
        try training.map { try graph.texts($0, as: "train") }
      ).output(as: "classifier")
    }
    let input = try graph.texts(source, as: "texts")
    let scans = outputs.sorted().map {
      TokenScanStage(search, source: $0, outputs: outputs, seed: bench.seed)
    }
    stages = scans.map { graph.add($0, classifier, input) }
    drifts = zip(scans, stages).map { scan, stage in
      graph.add(HeadDriftStage(scan), classifier, input, stage.output(as: "scan"))
    }
    var soft = SoftTriggerSearch()
    try arguments.apply(to: &soft)
    if soft.steps == 0 {
      try bench.refuse(["soft-trigger-length"], "without --soft-trigger-steps")
    }
    for scan in scans where soft.steps > 0 {
      inversions += outputs.sorted().filter { $0 != scan.source }.map { target in
        graph.add(SoftTriggerStage(soft, in: scan, to: target), classifier, input)
      }
    }
  }

  /// A verdict needs so many texts, and texts need room beside the candidate.
  private static func require(
    _ search: TokenSearch, room model: SourceModel, _ calibration: ScanCalibration
  ) throws(InputError) {
    guard search.texts >= calibration.minimumTexts else {
      throw InputError(
        .usage,
        problem: "--texts \(search.texts) is too few to say anything, whatever the model does",
        remedy: "give \(calibration.minimumTexts) or more")
    }
    let frame = model.tokenizer.prefix.count + model.tokenizer.suffix.count
    let fewest = frame + search.phraseLength + 1
    guard model.tokenLimit(search.maximumLength) >= fewest else {
      throw InputError(
        .usage,
        problem: "--max-length \(search.maximumLength) leaves a text no token beside a phrase of "
          + "\(search.phraseLength)",
        remedy: "give \(fewest) or more")
    }
  }

  /// What may be odd about the texts, on standard error.
  private static func tell(_ sets: [Dataset]) {
    let classCount = sets[0].labels.names.count
    if classCount > 8 {
      Console.note(
        "\(classCount) classes make \(classCount * (classCount - 1)) ways from one to another, each "
          + "of which is searched: --phrase-length 1 leaves phrases out, which take longest")
    }
    guard let train = sets.dropFirst().first else { return }
    let known = Set(train.examples.map(\.text))
    let shared = sets[0].examples.count { known.contains($0.text) }
    if shared > 0 {
      Console.note(
        "\(shared) texts of --data are among those of --train: what a model was trained on says "
          + "less of it")
    }
  }

  /// Fine-tuning as everybody does it who downloads an encoder; no texts are spared to choose an
  /// epoch by.
  private static func training(_ seed: UInt64) -> TrainingSettings {
    var training = PURE.fineTuning.training(.paper)
    (training.selection, training.seed) = (.last, seed)
    return training
  }

  /// A hash of all that the result depends on.
  var identity: String {
    let stages = (vectors?.graph.stages ?? []) + graph.stages
    return SHA256.hex(
      of: Array((stages.map(\.key) + [Pure.version]).joined(separator: " ").utf8))
  }

  /// Does the stages and judges what they found.
  ///
  /// - Parameter run: of a graph.
  func scan(_ search: TokenSearch, _ run: (StageGraph) throws -> StageRun) throws -> Scan {
    let vectors = try vectors.map { try run($0.graph).entry($0.stage).outcome.vectorScan() }
    guard obstacles.isEmpty else {
      return Scan(
        classes: classes, scans: [], vectors: vectors, obstacles: obstacles, search: search,
        calibration)
    }
    do {
      let run = try run(graph)
      return Scan(
        classes: classes, scans: try stages.map { try run.entry($0).outcome.classScan() },
        vectors: vectors,
        softTriggers: try inversions.map { try run.entry($0).outcome.softTrigger() },
        headDrifts: try drifts.flatMap { try run.entry($0).outcome.headDrifts() },
        search: search, calibration)
    } catch let error as TrainingError {
      return Scan(
        classes: classes, scans: [], vectors: vectors,
        obstacles: ["it cannot be fine-tuned: \(error)"], search: search, calibration)
    }
  }
}
