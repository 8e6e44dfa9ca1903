import Attacks
import CommandLineArguments
import Files
import Text

/// `pure trigger`: the poisoned test set.
enum TriggerCommand {
  static let declaration = Command(
    "trigger", summary: "Put the trigger into every text outside the target class.",
    discussion: """
      Labels stay as they are: the share of these texts that a model takes for the target class is its \
      label flip rate.
      """,
    options: [
      Options.attack(.required, help: "Which attack."),
      .text("input", "FILE", .required, help: "Labelled texts."),
      .text("out", "FILE", .required, help: "File to write; .tsv, .csv or .jsonl by its name."),
    ] + Options.attackSettings + Options.data + [Options.seed])

  static func run(_ bench: Workbench) throws -> ExitCode {
    let clean = try bench.dataset(bench.arguments.text("input"))
    let path = bench.arguments.text("out")
    guard !Path.exists(path) else {
      throw InputError(
        .usage, file: path, problem: "exists", remedy: "choose another --out, or delete it")
    }
    let triggered = try bench.attack(labels: clean.labels).triggeredTestSet(
      from: clean, seed: bench.seed)
    guard triggered.count > 0 else {
      throw InputError(
        file: clean.source, problem: "has no text outside the target class",
        remedy: "choose another --target-label or other texts")
    }
    try triggered.write(to: path)
    Console.print("\(triggered.count) of \(clean.count) texts with a trigger written to \(path)")
    return .success
  }
}
