import Checkpoints
import CommandLineArguments
import Encoders
import Files
import Tensors
import Text
import Training

#if canImport(Glibc)
  import Glibc
#endif

/// `pure predict`: a JSON line a text.
enum PredictCommand {
  static let declaration = Command(
    "predict", summary: "Classify texts: a JSON line with label, logits and probabilities each.",
    options: [
      Options.model,
      .text(
        "input", "FILE",
        help: "Plain lines, or .jsonl with \"text\"; standard input when left out."),
      Options.maximumLength,
    ] + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let (checkpoint, tokenizer) = try bench.suspect()
    let lines = try TextLines(bench.arguments.optionalText("input"))
    let model = try Classifier(checkpoint, on: bench.backend())
    let ids = tokenizer.encode(
      lines.texts, maximumLength: bench.maximumLength(checkpoint.configuration))
    try tokenizer.requireEmbeddings(for: ids, source: bench.arguments.optionalText("input"))
    let encoded = EncodedDataset(
      ids, labels: Array(repeating: -1, count: lines.texts.count))
    let names = checkpoint.configuration.labels
    let texts = try EvaluationSet(encoded, classCount: names.count, on: model.backend)
    let all = try model.logits(of: texts)
    for logits in all {
      let object: JSONValue = [
        "label": .string(names[predictedClass(logits)]),
        "logits": .array(logits.map { .double(Double($0)) }),
        "probabilities": .array(softmax(logits).map(JSONValue.double)),
      ]
      Console.print(object.text())
    }
    return .success
  }

  private static func softmax(_ logits: [Float]) -> [Double] {
    let largest = logits.max() ?? 0
    let exponentials = logits.map { exp(Double($0 - largest)) }
    let total = exponentials.reduce(0, +)
    return exponentials.map { $0 / total }
  }
}
