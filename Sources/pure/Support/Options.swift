import Attacks
import CommandLineArguments
import Conformance
import Files
import Laboratory
import Settings
import Stages
import Tensors
import Training

/// Options that several commands share; the paper's values are the defaults.
enum Options {
  /// Where and with how many threads to compute.
  static let device: [Option] = [
    .text(
      "device", "NAME", .value("auto"), help: "auto, cpu or cuda:N.", environment: "PURE_DEVICE"),
    .choice(
      "precision", Precision.allCases.map(\.rawValue), .value(Precision.fp32.rawValue),
      help:
        "How factors are rounded: on a GPU those of products and attention, on a CPU with "
        + "AVX512_BF16 those of products, to bf16.",
      environment: "PURE_PRECISION"),
    .integer(
      "threads", "N", in: 1...1024, help: "CPU threads; all cores when left out.",
      environment: "PURE_THREADS"),
  ]

  static let seed = Option.integer(
    "seed", "N", .value("11"), in: 0...Int.max,
    help: "Seed of data order, dropout, triggers and fresh heads.", environment: "PURE_SEED")

  static let json = Option.flag("json", help: "Print one JSON document instead of text.")

  static let operation = Option.text(
    "operation", "NAME", help: "Only operations whose name contains this.")

  static let out = Option.text(
    "out", "DIR", .required, help: "Model directory to write; it must not exist or be empty.")

  static let bom = Option.text(
    "bom", "FILE",
    help: "Write what the model is and was made of as a CycloneDX 1.7 document (JSON).")

  static let model = Option.text(
    "model", "DIR", .required, help: "Hugging Face model directory with safetensors weights.")

  /// How files of texts are read.
  static let data = data(format: "format")

  /// The same where the layout has another name.
  static func data(format: String) -> [Option] {
    [
      .choice(
        format, ["tsv", "csv", "jsonl", "folders", "polarity"],
        help: "Layout of data files; by their names when left out.")
    ] + columns
  }

  private static let columns: [Option] = [
    .text("text-column", "NAME", help: "Column of the texts; the usual names when left out."),
    .text("label-column", "NAME", help: "Column of the labels; the usual names when left out."),
    .list(
      "labels", "NAMES", .value("negative,positive"),
      help:
        "Names of the classes in order. Files give these names, in upper or lower case, or, where "
        + "no name is a number, count the classes (1, 1.0; false and true)."),
    .integer(
      "first-label", "N", in: 0...1,
      help:
        "Number of the first class in files that count them; when left out, 0 if a file has a 0 or "
        + "the classes are the usual two, 1 if a file has the number of classes."),
  ]

  /// Tokens of a text that are read.
  static let maximumLength =
    Option.settings(TrainingSettings().descriptions.filter { $0.name == "maximumLength" })

  /// How a model is trained.
  ///
  /// - Parameter settings: those of the command's methods.
  static func training(_ settings: TrainingSettings) -> [Option] {
    let own = ["epochs": JSONValue.int(settings.epochs), "head": "native"]
    return [
      .choice(
        "recipe", Recipe.allCases.map(\.rawValue), .value("paper"),
        help: "Follow the paper (Adam, constant rate), or its released code (AdamW, clipping, "
          + "falling rate, last epoch, texts drawn and ordered as its own, and read in their order "
          + "when defending).")
    ] + Option.settings(settings.descriptions, defaults: own) + [
      .choice(
        "dtype", ["f32", "f16", "bf16"], .value("f32"),
        help: "Type of the weights written.")
    ]
  }

  static let train = Option.text("train", "FILE", .required, help: "Labelled training texts.")

  static let validation = validation(
    "a tenth of the training texts when left out, drawn by the seed, or by the recipe reference as "
      + "its authors drew it.")

  static let attackerValidation = validation(
    "when left out a tenth of the training texts, or by the recipe reference none.")

  private static func validation(_ otherwise: String) -> Option {
    .text("validation", "FILE", help: "Texts to choose epochs and heads by; \(otherwise)")
  }

  static func attack(_ fallback: Option.Fallback, help: String) -> Option {
    let summaries = KnownAttacks.all.map { "\($0.name), \($0.summary)" }.joined(separator: "; ")
    return .choice("attack", KnownAttacks.all.map(\.name), fallback, help: "\(help) \(summaries).")
  }

  /// Settings of attacks.
  ///
  /// - Parameter use: those that its texts depend on, and no others.
  static func attackSettings(for use: AttackUse) -> [Option] {
    [.text("target-label", "NAME", .value("positive"), help: "Class that the trigger leads to.")]
      + Option.settings(
        KnownAttacks.all.flatMap(\.descriptions).filter {
          use == .training ? $0.scope != .testTrigger : $0.scope.concernsTriggers
        })
  }
}
