import CommandLineArguments
import Files
import Testing

private let program = CommandLineProgram(
  name: "tool", summary: "A tool for tests.", version: "1.2",
  commands: [
    Command(
      "train", summary: "Train a model.", operands: [.init("FILE", help: "The texts.")],
      options: [
        .text("model", "DIR", .required, help: "The model."),
        .integer("epochs", "N", .value("3"), in: 1...100, help: "Passes over the texts."),
        .number("learning-rate", "RATE", .value("2e-5"), in: 0...1, help: "Step size."),
        .choice("recipe", ["paper", "reference"], .value("paper"), help: "Whose constants."),
        .list("triggers", "WORDS", .value("cf,bb"), help: "Words."),
        .repeated("set", "NAME=VALUE", help: "Variables."),
        .text("device", "NAME", .value("auto"), help: "Where.", environment: "PURE_DEVICE"),
        .integer("threads", "N", in: 1...64, help: "Threads.", environment: "PURE_THREADS"),
        .flag("json", help: "Print JSON.", environment: "PURE_JSON"),
      ]),
    Command("info", summary: "Say what is there.", options: []),
  ])

private func parse(
  _ line: String, environment: [String: String] = [:]
) throws(InputError) -> Arguments {
  let words = line.split(separator: " ").map(String.init)
  guard case .run(let arguments) = try program.parse(words, environment: environment) else {
    throw InputError(problem: "the line asks for a text")
  }
  return arguments
}

/// The sentence and the kind of the error that the line must cause.
private func complaint(_ line: String, environment: [String: String] = [:]) -> String {
  do {
    _ = try parse(line, environment: environment)
    return "no error"
  } catch {
    return error.kind == .usage ? error.description : "wrong kind: \(error)"
  }
}

@Test func `what a line leaves out comes from the table`() throws {
  let arguments = try parse("train texts.tsv --model m")
  #expect(arguments.command == "train")
  #expect(arguments.operand("FILE") == "texts.tsv")
  #expect(arguments.text("model") == "m")
  #expect(arguments.integer("epochs") == 3)
  #expect(arguments.number("learning-rate") == 2e-5)
  #expect(arguments.text("recipe") == "paper")
  #expect(arguments.list("triggers") == ["cf", "bb"])
  #expect(arguments.optionalInteger("threads") == nil)
  #expect(!arguments.isSet("json"))
}

@Test func `a repeated text keeps its commas, and no text is empty`() throws {
  let arguments = try parse("train f --model m --set A=/x,y --set=B=1")
  #expect(arguments.list("set") == ["A=/x,y", "B=1"])
  #expect(complaint("train f --model=").hasPrefix(#"--model takes a value, not """#))
}

@Test func `a value may follow a blank or an equals sign`() throws {
  let arguments = try parse("train --model=a=b --epochs 7 --learning-rate=0.5 --json texts.tsv")
  #expect(arguments.text("model") == "a=b")
  #expect(arguments.integer("epochs") == 7)
  #expect(arguments.number("learning-rate") == 0.5)
  #expect(arguments.isSet("json"))
  #expect(arguments.operand("FILE") == "texts.tsv")
}

@Test func `a repeated list grows and replaces the default`() throws {
  let arguments = try parse("train f --model m --triggers mn,ak --triggers tq")
  #expect(arguments.list("triggers") == ["mn", "ak", "tq"])
}

@Test(arguments: [
  ("NOT, OFF", ["NOT", "OFF"]), (" cf ,\tbb\u{A0}", ["cf", "bb"]), ("one two", ["one two"]),
  (#""I watch, this 3D movie",cf"#, ["I watch, this 3D movie", "cf"]),
  (#"cf, " a ""b"", c " ,d"#, ["cf", #"a "b", c"#, "d"]), (#"5" disk,"""""#, [#"5" disk"#, #"""#]),
  ("\"\u{301}a,b\"", ["\u{301}a,b"]),
])
func `a list is read as a line of CSV`(text: String, elements: [String]) throws {
  guard
    case .run(let arguments) = try program.parse(["train", "f", "--model=m", "--triggers", text])
  else { throw InputError(problem: "the line asks for a text") }
  #expect(arguments.list("triggers") == elements)
  let value = try #require(arguments.given.first { $0.name == "triggers" }).value
  guard
    case .run(let again) = try program.parse(["train", "f", "--model=m", "--triggers", value])
  else { throw InputError(problem: "the line asks for a text") }
  #expect(again.list("triggers") == elements)
}

@Test(arguments: ["", " ", ",", "a,", "a,,b", #""a"#, #""a"b"#, #""""#, #"a,"b"#])
func `a list with a blank text or an open quote is refused`(text: String) {
  #expect {
    try program.parse(["train", "f", "--model=m", "--triggers=" + text])
  } throws: { error in
    "\(error)".hasPrefix(
      "--triggers takes values separated by commas, in double quotes where they hold one, not \"")
  }
}

@Test func `two dashes end the options`() throws {
  #expect(try parse("train --model m -- --odd").operand("FILE") == "--odd")
}

@Test func `the line beats the environment and the environment beats the table`() throws {
  let environment = ["PURE_DEVICE": "cpu", "PURE_THREADS": "2", "PURE_JSON": "1"]
  let quiet = try parse("train f --model m", environment: environment)
  #expect(quiet.text("device") == "cpu")
  #expect(quiet.integer("threads") == 2)
  #expect(quiet.isSet("json"))
  let loud = try parse("train f --model m --device cuda:1", environment: environment)
  #expect(loud.text("device") == "cuda:1")
}

@Test(arguments: [
  ("trian f", #"there is no command "trian"; did you mean train?"#),
  ("--jsn", #"there is no option "--jsn"; see `tool --help`"#),
  ("train f --model m --epoch 3", "train has no option --epoch; did you mean --epochs?"),
  ("train f --model m --zzz", "train has no option --zzz; see `tool train --help`"),
  ("train f", "--model DIR is required; see `tool train --help`"),
  ("train --model m", "FILE is missing; see `tool train --help`"),
  ("train f g --model m", #""g" is one argument too many; see `tool train --help`"#),
  ("train f --model", "--model needs a value (--model DIR); see `tool train --help`"),
  ("train f --model --json", "--model needs a value (--model DIR); see `tool train --help`"),
  ("train f --model m --json=1", "--json takes no value; see `tool train --help`"),
  ("train f --model m --model n", "--model is given twice; see `tool train --help`"),
  (
    "train f --model m --epochs 3.5",
    #"--epochs takes a whole number from 1 to 100, not "3.5"; see `tool train --help`"#
  ),
  (
    "train f --model m --epochs 101",
    #"--epochs takes a whole number from 1 to 100, not "101"; see `tool train --help`"#
  ),
  (
    "train f --model m --learning-rate nan",
    #"--learning-rate takes a number from 0.0 to 1.0, not "nan"; see `tool train --help`"#
  ),
  (
    "train f --model m --recipe papr",
    #"--recipe takes one of paper, reference, not "papr"; did you mean paper?"#
  ),
])
func `a mistake is named with its remedy`(line: String, sentence: String) {
  #expect(complaint(line) == sentence)
}

@Test func `an empty variable of the environment is none`() throws {
  let environment = ["PURE_DEVICE": "", "PURE_THREADS": "", "PURE_JSON": ""]
  let arguments = try parse("train f --model m", environment: environment)
  #expect(arguments.text("device") == "auto")
  #expect(!arguments.isSet("json"))
}

@Test func `a mistake in the environment names the variable`() {
  #expect(
    complaint("train f --model m", environment: ["PURE_THREADS": "many"])
      == #"the environment variable PURE_THREADS takes a whole number from 1 to 64, not "many"; "#
      + "see `tool train --help`")
}

@Test(arguments: [
  ("epohcs", "epochs"), ("epoch", "epochs"), ("recipee", "recipe"), ("bert", nil), ("", nil),
])
func `the nearest name is at most a third wrong`(word: String, nearest: String?) {
  #expect(nearestName(to: word, among: ["epochs", "recipe", "learning-rate"]) == nearest)
}
