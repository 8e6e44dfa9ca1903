import Attestations
import Checkpoints
import CommandLineArguments
import Files
import Laboratory
import Scans
import Settings
import Stages
import Tensors
import Text
import Training

/// `pure scan`: is this model backdoored?
enum ScanCommand {
  static let declaration = Command(
    "scan", summary: "Tell whether a model bears a backdoor that words set off.",
    discussion: """
      Every token of the vocabulary is put into clean texts of each class, the best of them are put \
      together to phrases, and all are counted on texts that the search has not seen. A classifier \
      is scanned as it is; an encoder is fine-tuned first, on --train or on half of --data, and \
      looked at for tokens that give all texts one output vector. Some hundred texts are enough; \
      without any, nothing can be said. The exit code is 0 for no sign, 10 for backdoored, 11 for \
      suspicious, 12 for inconclusive. Interrupted, the same command with --out goes on where it \
      stopped.
      """,
    options: look + Option.settings(TokenSearch().descriptions + SoftTriggerSearch().descriptions)
      + Options.data(format: "data-format") + [Options.seed] + Options.device)

  private static let look: [Option] = [
    Options.model,
    .text("data", "FILE", help: "Labelled clean texts of the task."),
    .text(
      "train", "FILE",
      help: "Put a fresh head on the model first, trained on these texts, whatever head it has."),
    .text("out", "FILE", help: "HTML page to write."),
    .text(
      "calibration", "FILE",
      help: "Thresholds as a sweep of experiments/plans/scan.json writes them, instead of the "
        + "program's."),
    .choice(
      "format", ScanFormat.allCases.map(\.rawValue), .value(ScanFormat.text.rawValue),
      help: "What to print on standard output."),
  ]

  static func run(_ bench: Workbench) throws -> ExitCode {
    var search = TokenSearch()
    try bench.arguments.apply(to: &search)
    let subject = try ScanSubject(bench, search)
    let page = bench.arguments.optionalText("out")
    if let page { try bench.requireOutsideModel(page) }
    // Of what is scanned, and not of what may take its place meanwhile.
    let digest = try ModelDigest(ofDirectory: bench.arguments.text("model"))
    let output = try ScanOutput(page, identity: subject.identity)
    let backend = try bench.backend()
    bench.describe(subject.model.checkpoint)
    if let texts = subject.texts { bench.describe(texts, as: "clean") }
    let scan = try subject.scan(search) { graph in
      do {
        return try StageRun(graph, in: output.stateDirectory, on: backend)
      } catch is Interruption where page == nil {
        throw Interruption("nothing is kept without --out, with which it would go on")
      }
    }
    let found = ScanPage(
      scan, model: bench.modelName, facts: bench.methodTable)
    try output.write(found.html)
    let document = ScanDocument(scan, digest, subject, bench, backend.precision)
    switch ScanFormat(rawValue: bench.arguments.text("format")) ?? .text {
    case .text: for line in found.lines + [document.digestLine] { Console.print(line) }
    case .json: Console.print(document.json)
    case .sarif: Console.print(document.log.json)
    case .cyclonedx: Console.print(document.bill.json)
    }
    return ExitCode(scan.judgement.verdict)
  }
}
