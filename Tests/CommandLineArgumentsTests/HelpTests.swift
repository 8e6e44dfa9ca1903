import CommandLineArguments
import Testing

private let command = Command(
  "cook", summary: "Cook a meal.", discussion: "Takes a while.",
  operands: [.init("MEAL", help: "What to cook.")],
  options: [
    .text("pot", "DIR", .required, help: "The pot."),
    .number("heat", "SHARE", .value("0.5"), in: 0...1, help: "How hot."),
    .choice("style", ["slow", "fast"], help: "How to go about it."),
    .list("spices", "NAMES", help: "What else goes in, with a text that is too long for one line."),
    .repeated("note", "TEXT", help: "What to keep in mind."),
    .flag("quiet", help: "Say nothing.", environment: "PURE_QUIET"),
  ])
private let program = CommandLineProgram(
  name: "tool", summary: "A kitchen.", version: "1.2", commands: [command])

private func shown(_ words: String...) throws -> String {
  guard case .show(let text) = try program.parse(words, width: 72) else { return "no text" }
  return text
}

@Test func `the program's help lists its commands`() throws {
  let help = """
    A kitchen.

    Usage: tool COMMAND [OPTIONS]

    Commands:
      cook  Cook a meal.

    `tool COMMAND --help` explains a command; `tool --version` prints the version.

    """
  #expect(try shown("--help") == help)
  #expect(try program.parse([]).text == help)
}

@Test func `a command's help shows defaults, choices and variables in aligned columns`() throws {
  let help = """
    Cook a meal.

    Usage: tool cook MEAL --pot DIR [OPTIONS]

    Takes a while.

    Arguments:
      MEAL  What to cook.

    Options:
      --pot DIR          The pot. [required]
      --heat SHARE       How hot. [default: 0.5]
      --style slow|fast  How to go about it.
      --spices NAMES     What else goes in, with a text that is too long for
                         one line. [repeatable; a comma within a value:
                         'cf,"one, two"']
      --note TEXT        What to keep in mind. [repeatable]
      --quiet            Say nothing. [or PURE_QUIET]
      --help             Show this text.

    """
  #expect(try shown("cook", "--help") == help)
  #expect(try shown("help", "cook") == help)
  #expect(try shown("cook", "stew", "-h") == help)
}

@Test func `the version is one line`() throws {
  #expect(try shown("--version") == "tool 1.2\n")
}

extension Invocation {
  fileprivate var text: String? { if case .show(let text) = self { text } else { nil } }
}
