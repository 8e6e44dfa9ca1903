import Checkpoints
import CommandLineArguments
import Files
import Settings
import Stages
import Tensors
import Text
import Training

/// What commands need before they can work: a backend, models and texts, as the arguments name
/// them.
struct Workbench {
  let arguments: Arguments

  init(_ arguments: Arguments) { self.arguments = arguments }

  /// The backend of `--device` and `--precision`, with `--threads` applied.
  ///
  /// - Parameter note: told what the user may not expect, such as why the CPU takes the place of a
  ///   GPU.
  func backend(note: (String) -> Void = { Console.note($0) }) throws -> any Backend {
    Host.threadCount = arguments.optionalInteger("threads") ?? Host.processorCount
    let backend = try Device.backend(named: arguments.text("device"), precision: precision) {
      error in
      if let text = Self.noteOnCPU(error) { note(text) }
    }
    if let text = (backend as? CUDABackend)?.note { note(text) }
    return backend
  }

  /// The backend of the first of a sweep's devices, with the threads that each of its workers has.
  func backend(onFirstOf devices: [String]) throws -> any Backend {
    let backend = try Device.backend(named: devices[0], precision: precision) { _ in }
    Host.threadCount =
      arguments.optionalInteger("threads") ?? max(1, Host.processorCount / devices.count)
    return backend
  }

  /// Why `auto` took the CPU; nil where nobody could have expected otherwise.
  static func noteOnCPU(_ error: DeviceError) -> String? {
    let reason: String
    switch error {
    case .absent: return nil
    case .unavailable(_, let why, _), .occupied(_, let why): reason = why
    default: reason = "\(error)"
    }
    return "computing on the CPU, as no GPU can be used: \(reason) (see pure info)"
  }

  /// Refuses options of the line that would be ignored.
  func refuse(_ options: [String], _ circumstance: String) throws {
    for option in options where arguments.isOnLine(option) {
      throw InputError(
        .usage, problem: "--\(option) means nothing \(circumstance)", remedy: "leave it out")
    }
  }

  static func noOperation(_ filter: String, _ treated: String) -> InputError {
    InputError(
      .usage, problem: "no operation that is \(treated) has \"\(filter)\" in its name",
      remedy: "leave --operation out to see them all")
  }

  var precision: Precision { Precision(rawValue: arguments.text("precision")) ?? .fp32 }

  var seed: UInt64 { UInt64(arguments.integer("seed")) }

  var labels: LabelNames {
    get throws {
      let names = arguments.list("labels")
      guard names.count >= 2, Set(names).count == names.count else {
        throw InputError(
          .usage, problem: "--labels names \(Set(names).count) different classes",
          remedy: "give two or more names with commas between them")
      }
      var labels = names == LabelNames.sentiment.names ? .sentiment : LabelNames(names)
      if let first = arguments.optionalInteger("first-label") {
        if dataFormat == .polarity {
          try refuse(["first-label"], "with the format polarity, which counts from 1")
        }
        if !labels.mayBeCounted {
          try refuse(["first-label"], "where numbers or truth values are names of classes")
        }
        labels.firstNumber = first
      }
      return labels
    }
  }

  /// The layout of files of texts; nil: by their names.
  private var dataFormat: DatasetOptions.Format? {
    // A scan's format is that of what it prints.
    let name =
      arguments.command == ScanCommand.declaration.name
      ? arguments.optionalText("data-format") : arguments.optionalText("format")
    return name.flatMap(DatasetOptions.Format.init)
  }

  func dataset(_ path: String, requiresLabels: Bool = true) throws -> Dataset {
    try datasets(path, requiresLabels: requiresLabels)[0]
  }

  /// The files of a run, whose labels mean the same in all of them.
  func datasets(_ paths: String?..., requiresLabels: Bool = true) throws -> [Dataset] {
    try Dataset.load(
      paths.compactMap(\.self),
      options: DatasetOptions(
        format: dataFormat,
        textColumn: arguments.optionalText("text-column"),
        labelColumn: arguments.optionalText("label-column"), labels: labels,
        requiresLabels: requiresLabels))
  }

  /// What reports call the model of `--model`.
  var modelName: String {
    let name = Path.name(of: arguments.text("model"))
    return [".", ".."].contains(name) ? "model" : name
  }

  /// The model of `--model` with the tokenizer that lies beside it.
  func suspect(for purpose: ModelCheckpoint.Purpose) throws -> SourceModel {
    try SourceModel(arguments.text("model"), for: purpose)
  }

  /// The model's output for each class of the texts, matched by name; otherwise by number, where
  /// one side has no names but numbers (LABEL_0, LABEL_1; 0, 1).
  func classes(of checkpoint: ModelCheckpoint, for labels: LabelNames) throws -> [Int] {
    let names = checkpoint.configuration.labels
    guard names.count > 1 else {
      throw InputError(
        .usage, file: checkpoint.sourceDirectory,
        problem: "has one output, which is a score and tells no classes apart",
        remedy: "see the scores with `pure predict`, or train classes with `pure finetune`")
    }
    if names.count == labels.names.count {
      let outputs = names.map { labels.index(named: $0) }
      let classes = labels.names.indices.compactMap { label in outputs.firstIndex(of: label) }
      if classes.count == names.count { return classes }
      if labels.areNumbered || LabelNames(names).areNumbered { return Array(names.indices) }
    }
    throw InputError(
      .usage, file: checkpoint.sourceDirectory,
      problem: "has the classes \(names.joined(separator: ", ")) and the texts "
        + labels.names.joined(separator: ", "),
      remedy: "name the texts' classes with --labels, as the model does")
  }

  /// `--max-length`, as far as the model has positions.
  func maximumLength(_ model: SourceModel) -> Int {
    model.tokenLimit(arguments.integer("max-length"))
  }

  var recipe: Recipe { Recipe(rawValue: arguments.text("recipe")) ?? .paper }

  var weightType: WeightType { WeightType(rawValue: arguments.text("dtype")) ?? .float32 }

  /// Texts to train on and texts to choose by: the files of `--train` and `--validation`, or a
  /// tenth of the first, which the seed draws, or as the recipe `reference` has it its authors did.
  func trainingTexts() throws -> (train: LoadedTexts, validation: LoadedTexts) {
    let (train, validation) = try namedTexts()
    if let validation { return (train, validation) }
    let source = train.source
    let parts =
      recipe == .reference
      ? (source.with(.named(.train, of: .released)), source.with(.named(.dev, of: .released)))
      : source.split(validationFraction: 0.1, seed: seed)
    do {
      return (try train.part(parts.0), try train.part(parts.1))
    } catch {
      throw InputError(
        file: source.path, problem: "has too few texts to set a tenth aside for validation",
        remedy: "give a --validation file")
    }
  }

  /// The same for an attacker, who by the recipe `reference` trains on all texts and chooses by
  /// none unless told of some.
  func attackerTexts() throws -> (train: LoadedTexts, validation: LoadedTexts?) {
    recipe == .reference ? try namedTexts() : try trainingTexts()
  }

  /// The files of `--train` and `--validation`.
  private func namedTexts() throws -> (train: LoadedTexts, validation: LoadedTexts?) {
    let sets = try datasets(arguments.text("train"), arguments.optionalText("validation"))
    let texts = sets.map { LoadedTexts(source: source($0.source, $0), data: $0) }
    return (texts[0], texts.count > 1 ? texts[1] : nil)
  }

  /// A file of texts as the arguments say that it is read, and as its labels were understood.
  func source(_ path: String, _ data: Dataset) -> TextSource {
    var source = TextSource(path)
    source.format = dataFormat
    source.textColumn = arguments.optionalText("text-column")
    source.labelColumn = arguments.optionalText("label-column")
    if arguments.isOnLine("labels") { source.labels = data.labels.names }
    if arguments.isOnLine("labels") || arguments.isOnLine("first-label"), data.labels.mayBeCounted {
      source.firstLabel = data.labels.firstNumber
    }
    return source
  }

  /// Tells on standard error what of a model is not used.
  func describe(_ model: ModelCheckpoint) {
    for note in model.notes { Console.note(note) }
  }

  /// Tells on standard error what is read, with what may be odd about it.
  func describe(_ data: Dataset, as role: String) {
    let summary = DatasetSummary(data)
    let classes = zip(summary.labelCounts, data.labels.names).map { "\($1): \($0)" }
    // The number of the last class is all there is to tell that files do not count from 0.
    let counting = data.labels.firstNumber == 1 ? ", classes counted from 1" : ""
    let odd = [(summary.duplicateCount, "seen before"), (summary.emptyCount, "empty")]
      .filter { $0.0 > 0 }.map { ", \($0) \($1)" }
    Console.note(
      Terminal.sanitized(
        "\(role): \(data.count) texts of \(data.source) (\(classes.joined(separator: ", ")))"
          + counting + odd.joined()))
  }
}

/// Texts with the way to them.
struct LoadedTexts {
  let source: TextSource
  var data: Dataset

  /// Some of them.
  fileprivate func part(_ source: TextSource) throws(InputError) -> LoadedTexts {
    LoadedTexts(source: source, data: try source.part?.texts(of: data) ?? data)
  }
}
