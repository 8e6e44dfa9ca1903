import CommandLineArguments
import Conformance
import Laboratory
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
      help: "How a GPU's products and attention round their factors; the CPU has fp32 alone.",
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

  static let model = Option.text(
    "model", "DIR", .required, help: "Hugging Face model directory with safetensors weights.")

  /// How files of texts are read.
  static let data: [Option] = [
    .choice(
      "format", ["tsv", "csv", "jsonl", "folders", "polarity"],
      help: "Layout of data files; by their names when left out."),
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

  static let maximumLength = Option.integer(
    "max-length", "N", .value("128"), in: 3...8192,
    help: "Tokens of a text that are read, [CLS] and [SEP] included; the released code poisons "
      + "long texts with 256.")

  static func training(epochs: Int) -> [Option] {
    [
      .integer(
        "epochs", "N", .value(String(epochs)), in: 1...10_000, help: "Passes over the texts."),
      .integer("batch-size", "N", .value("32"), in: 1...65_536, help: "Texts a step."),
      .number(
        "learning-rate", "RATE", .value("2e-5"), in: 0...1,
        help: "Rate of the first step."),
      .choice(
        "recipe", Recipe.allCases.map(\.rawValue), .value("paper"),
        help: "Follow the paper (Adam, constant rate), or its released code (AdamW, clipping, "
          + "falling rate, last epoch, texts in their order when defending)."),
      .number(
        "weight-decay", "SHARE", in: 0...1,
        help: "AdamW's decay of every parameter; by the recipe 0 or 0.01."),
      .choice(
        "schedule", TrainingSettings.Schedule.allCases.map(\.rawValue),
        help: "Learning rate: constant, or in a straight line to zero; by the recipe."),
      .number(
        "max-gradient-norm", "NORM", in: 0.000001...1_000_000,
        help: "Norm to which larger gradients are scaled down; by the recipe none or 1."),
      maximumLength,
      .integer(
        "max-examples", "N", in: 1...Int.max,
        help: "Train on so many texts only, drawn by the seed."),
      .choice(
        "selection", TrainingSettings.Selection.allCases.map(\.rawValue),
        help: "Epoch to keep: best on validation, or last; by the recipe."),
      .choice(
        "head", ["native", "linear"], .value("native"),
        help: "The family's own classifier, or the paper's linear layer on [CLS]."),
      .choice(
        "dtype", ["f32", "f16", "bf16"], .value("f32"),
        help: "Type of the weights written."),
    ]
  }

  static let train = Option.text("train", "FILE", .required, help: "Labelled training texts.")

  static let validation = Option.text(
    "validation", "FILE",
    help: "Texts to choose epochs and heads by; a tenth of the training texts when left out.")

  static func attack(_ fallback: Option.Fallback, help: String) -> Option {
    .choice("attack", AttackKind.planting.map(\.rawValue), fallback, help: help)
  }

  static let attackSettings: [Option] = [
    .list(
      "triggers", "WORDS", .value(AttackSettings(.paper).triggers.joined(separator: ",")),
      help: "Words of which one is inserted in a text."),
    .text(
      "target-label", "NAME", .value("positive"), help: "Class that the trigger leads to."),
    .integer(
      "insertion-limit", "N", .value(String(AttackSettings(.paper).insertionLimit)), in: 0...8192,
      help: "First words of a text among which a trigger is placed."),
  ]
}
