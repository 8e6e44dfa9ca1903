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

/// `pure defend`: a suspicious model in, a cleaned Hugging Face directory out.
enum DefendCommand {
  static let declaration = Command(
    "defend", summary: "Turn a suspicious model into a cleaned one.",
    discussion: KnownDefenses.all.map { "\($0.name) \($0.summary)." }.joined(separator: " ")
      + " Pruned heads are written as zeros, so stock transformers loads the result unchanged. "
      + Knowledge.explanation(of: KnownDefenses.all.map { ($0.name, $0.sees) }),
    options: [
      .choice(
        "method", KnownDefenses.all.map(\.name), .value(PURE.whole.name), help: "The defence."),
      Options.model, Options.train, Options.validation, Options.out,
    ] + Option.settings(KnownDefenses.all.flatMap(\.descriptions)) + [
      .text(
        "report", "FILE",
        help: "Write which heads were scored and pruned, and what --scan found, as one HTML page "
          + "(without --scan not for ft, fth)."),
      .flag(
        "scan",
        help: "Scan the suspect, plainly fine-tuned, and the result on the validation texts, and "
          + "count on both what the first scan found."),
    ] + DefenseScan.options + Options.training(PURE.whole.training(.paper)) + Options.data + [
      Options.seed, Options.bom, Options.json,
    ] + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let model = try bench.suspect(for: .freshClassifier)
    let (train, validation) = try bench.trainingTexts()
    let defense = try bench.defense()
    var graph = StageGraph(precision: bench.precision)
    let material = DefenseMaterial(
      train: try graph.texts(train.source, as: "train"),
      validation: try graph.texts(validation.source, as: "validation"),
      training: defense.training)
    let stages = try defense.method.stages(
      from: graph.model(bench.arguments.text("model")), with: material, in: &graph)
    let scan = try DefenseScan(bench, of: stages.classifier, material, validation, in: &graph)
    let name = defense.method.name
    if let report = bench.arguments.optionalText("report"),
      report == bench.arguments.optionalText("bom")
    {
      throw InputError(
        .usage, file: report, problem: "is named by --report and by --bom",
        remedy: "name a file for each")
    }
    let reportFile = try bench.fileBesideOutput(bench.arguments.optionalText("report"))
    if reportFile != nil, stages.heads == nil, scan == nil {
      throw InputError(
        .usage, problem: "--report has nothing to show of \(name), which scores no heads",
        remedy: "leave it out, choose another --method or add --scan")
    }
    return try bench.run(
      graph, to: stages.classifier, from: model.checkpoint,
      on: (train.data.limited(for: defense.training), validation.data),
      card: ModelCard(
        summary: "A text classifier cleaned with \(name)",
        limits: [
          "No defence is known to remove every backdoor: measure the label flip rate with "
            + "pure evaluate where a trigger is suspected."
        ]),
      finding: { run, cleaned in
        let comparison = try scan?.comparison(run)
        let report = DefenseReport(name, stages, run, cleaned, comparison)
        if let reportFile,
          let page = report.page(
            model: bench.modelName,
            facts: bench.metrics(run.training(stages.classifier)) + bench.methodTable)
        {
          try reportFile.write(page.html)
        }
        var findings = report.findings
        findings.metrics = comparison.flatMap { scan?.metrics($0) } ?? []
        return findings
      })
  }
}
