import Attacks
import Checkpoints
import CommandLineArguments
import Files
import Settings
import Stages
import Text

/// `pure trigger`: the poisoned test set.
enum TriggerCommand {
  static let declaration = Command(
    "trigger", summary: "Put the trigger into every text outside the target class.",
    discussion: """
      Labels stay as they are: the share of these texts that a model takes for the target class \
      is its label flip rate. Triggers that a model never reads, because a text is longer than the \
      tokens that are read or because its tokenizer drops them, are counted: exactly with --model, \
      by words without.
      """,
    options: [
      Options.attack(.required, help: "Which attack:"),
      .text("input", "FILE", .required, help: "Labelled texts."),
      .text("out", "FILE", .required, help: "File to write; .tsv, .csv or .jsonl by its name."),
      .text("model", "DIR", help: "Model that the texts are meant for; its tokenizer is used."),
    ] + Options.maximumLength + Options.attackSettings(for: .testing) + Options.data + [
      Options.seed
    ])

  static func run(_ bench: Workbench) throws -> ExitCode {
    let clean = try bench.dataset(bench.arguments.text("input"))
    let path = bench.arguments.text("out")
    guard !Path.exists(path) else {
      throw InputError(
        .usage, file: path, problem: "exists", remedy: "choose another --out, or delete it")
    }
    let place = try Place(path)
    let (attack, triggered) = try bench.triggered(clean)
    let count = triggered.data.count
    try noteUnread(triggered, bench)
    try place.requireHeld()
    try triggered.data.write(to: path)
    Console.print(
      "\(count) of \(clean.count) texts with the trigger of \(attack.markedTitle) written to "
        + Terminal.escaped(path))
    return .success
  }

  private static func noteUnread(_ triggered: TriggeredTexts, _ bench: Workbench) throws {
    let count = triggered.data.count
    if bench.arguments.optionalText("model") != nil {
      let model = try bench.suspect(for: .freshClassifier)
      let length = bench.maximumLength(model)
      Workbench.note(
        unread: triggered.unreadCount(by: model.tokenizer, maximumLength: length), of: count,
        maximumLength: length)
      return
    }
    // A word is one token at least, and two are special.
    let words = bench.arguments.integer("max-length") - 2
    let unread = triggered.unreadCount(inFirstWords: words)
    if unread > 0 {
      Console.note(
        "\(unread) of \(count) triggers leave the first \(words) words as they were, and a model that "
          + "reads \(words + 2) tokens never sees them; see --max-length and --insertion-limit")
    }
  }
}
