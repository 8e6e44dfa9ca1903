import Checkpoints
import CommandLineArguments
import Encoders
import Files
import Stages
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
    discussion: """
      The probabilities are the softmax of the logits, or of one output alone, which is a score, \
      its sigmoid.
      """,
    options: [
      Options.model,
      .text(
        "input", "FILE",
        help: "Plain lines, or .jsonl with \"text\"; standard input when left out."),
    ] + Options.maximumLength + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let source = try bench.suspect(for: .classifying)
    let (checkpoint, tokenizer) = (source.checkpoint, source.tokenizer)
    let lines = try TextLines(bench.arguments.optionalText("input"))
    let model = try Classifier(checkpoint, on: bench.backend())
    let ids = tokenizer.encode(
      lines.texts, maximumLength: bench.maximumLength(source))
    try tokenizer.requireEmbeddings(for: ids, source: bench.arguments.optionalText("input"))
    let encoded = EncodedDataset(
      ids, labels: Array(repeating: -1, count: lines.texts.count),
      padding: checkpoint.configuration.padding)
    bench.describe(checkpoint)
    let names = checkpoint.configuration.labels
    let texts = try EvaluationSet(encoded, classCount: names.count, on: model.backend)
    let all = try model.logits(of: texts)
    for logits in all {
      let object: JSONValue = [
        "label": .string(names[predictedClass(logits)]),
        "logits": .array(logits.map { .double(Double($0)) }),
        "probabilities": .array(probabilities(logits).map(JSONValue.double)),
      ]
      Console.print(object, as: .compact)
    }
    return .success
  }

  /// Of one output, the softmax would be 1 whatever the text; stock pipelines take the sigmoid too.
  private static func probabilities(_ logits: [Float]) -> [Double] {
    if logits.count == 1 { return [1 / (1 + exp(-Double(logits[0])))] }
    let largest = logits.max() ?? 0
    let exponentials = logits.map { exp(Double($0 - largest)) }
    let total = exponentials.reduce(0, +)
    return exponentials.map { $0 / total }
  }
}
