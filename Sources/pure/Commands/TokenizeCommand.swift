import CommandLineArguments
import Files
import Text

/// `pure tokenize`: what a model reads of a text.
enum TokenizeCommand {
  static let declaration = Command(
    "tokenize", summary: "Show the token ids of texts: a JSON array each.",
    options: [
      Options.model,
      .text(
        "input", "FILE",
        help: "Plain lines, or .jsonl of strings or \"text\"; standard input when left out."),
      .integer(
        "max-length", "N", .value("1000000000"), in: 3...1_000_000_000,
        help: "Tokens of a text that are read, special ones included."),
      .flag("tokens", help: "Show the tokens instead of their ids."),
    ])

  static func run(_ bench: Workbench) throws -> ExitCode {
    let tokenizer = try Tokenizer.load(directory: bench.arguments.text("model"))
    let lines = try TextLines(bench.arguments.optionalText("input"))
    let showsTokens = bench.arguments.isSet("tokens")
    let encoded = tokenizer.encode(
      lines.texts, maximumLength: bench.arguments.integer("max-length"))
    for ids in encoded {
      let values = ids.map { id -> JSONValue in
        showsTokens ? .string(tokenizer.token(for: id) ?? "") : .int(Int(id))
      }
      Console.print(.array(values), as: .compact)
    }
    return .success
  }
}
