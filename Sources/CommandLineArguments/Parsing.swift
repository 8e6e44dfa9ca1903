public import Files

extension CommandLineProgram {
  /// Reads a command line; touches no file and no device.
  /// - Parameters:
  ///   - arguments: the words after the program's name.
  ///   - environment: the variables that may stand in for options.
  ///   - width: columns for help texts.
  /// - Throws: an `InputError` of kind `.usage` that names the word and the remedy.
  public func parse(
    _ arguments: [String], environment: [String: String] = [:], width: Int = 80
  ) throws(InputError) -> Invocation {
    guard let first = arguments.first, !["--help", "-h", "help"].contains(first) else {
      guard arguments.count > 1, !arguments[1].hasPrefix("-") else {
        return .show(help(width: width))
      }
      return .show(help(for: try command(arguments[1]), width: width))
    }
    if first == "--version" { return .show("\(name) \(version)\n") }
    let command = try command(first)
    var parser = Parser(program: self, command: command, words: arguments.dropFirst())
    guard try parser.readLine() else { return .show(help(for: command, width: width)) }
    try parser.addFallbacks(environment)
    return .run(parser.result)
  }

  private func command(_ word: String) throws(InputError) -> Command {
    if let command = commands.first(where: { $0.name == word }) { return command }
    let kind = word.hasPrefix("-") ? "option" : "command"
    throw usageError(
      "there is no \(kind) \"\(word)\"", near: word, among: commands.map(\.name),
      help: "\(name) --help")
  }

  func usageError(
    _ problem: String, near word: String? = nil, among names: [String] = [], help: String
  ) -> InputError {
    let suggestion = word.flatMap { nearestName(to: $0, among: names) }
    return InputError(
      .usage, problem: problem,
      remedy: suggestion.map { "did you mean \($0)?" } ?? "see `\(help)`")
  }
}

private struct Parser {
  let program: CommandLineProgram
  let command: Command
  var words: ArraySlice<String>
  var result: Arguments

  init(program: CommandLineProgram, command: Command, words: ArraySlice<String>) {
    self.program = program
    self.command = command
    self.words = words
    result = Arguments(command: command.name, values: [:], operands: [:])
  }

  /// Consumes every word; false when one of them asks for help.
  mutating func readLine() throws(InputError) -> Bool {
    var operands: [String] = []
    var optionsHaveEnded = false
    while let word = words.popFirst() {
      if optionsHaveEnded || !word.hasPrefix("-") || word == "-" {
        operands.append(word)
      } else if word == "--" {
        optionsHaveEnded = true
      } else if word == "--help" || word == "-h" {
        return false
      } else {
        try readOption(word)
      }
    }
    guard operands.count <= command.operands.count else {
      throw failure("\"\(operands[command.operands.count])\" is one argument too many")
    }
    guard operands.count == command.operands.count else {
      throw failure("\(command.operands[operands.count].name) is missing")
    }
    for (operand, word) in zip(command.operands, operands) {
      guard !word.isEmpty else { throw failure("\(operand.name) is empty") }
      result.operands[operand.name] = word
    }
    return true
  }

  private mutating func readOption(_ word: String) throws(InputError) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = command.options.first(where: { "--" + $0.name == name }) else {
      throw program.usageError(
        "\(command.name) has no option \(name)", near: name,
        among: command.options.map { "--" + $0.name },
        help: "\(program.name) \(command.name) --help")
    }
    if option.value == .flag {
      guard parts.count == 1 else { throw failure("\(name) takes no value") }
      return try store(.flag(true), for: option)
    }
    let isInline = parts.count == 2
    guard let text = isInline ? String(parts[1]) : words.first, isInline || !text.hasPrefix("--")
    else { throw failure("\(name) needs a value (\(option.signature))") }
    if !isInline { words.removeFirst() }
    guard let value = ParsedValue(text, as: option.value) else {
      throw mismatch(text, of: name, expected: option)
    }
    try store(value, for: option)
  }

  private mutating func store(_ value: ParsedValue, for option: Option) throws(InputError) {
    switch (result.values[option.name], value) {
    case (.list(let before)?, .list(let more)): result.values[option.name] = .list(before + more)
    case (nil, _): result.values[option.name] = value
    default: throw failure("--\(option.name) is given twice")
    }
  }

  /// Gives the options that the line left out their values from the environment or the table.
  mutating func addFallbacks(_ environment: [String: String]) throws(InputError) {
    for option in command.options where result.values[option.name] == nil {
      if let variable = option.environmentName, let text = environment[variable],
        // As with the system's own variables, `NAME=` unsets it.
        !text.isEmpty
      {
        guard let value = ParsedValue(text, as: option.value) else {
          throw mismatch(text, of: "the environment variable \(variable)", expected: option)
        }
        result.values[option.name] = value
      } else if case .value(let text) = option.fallback {
        result.values[option.name] = ParsedValue(text, as: option.value)
        result.defaulted.insert(option.name)
      } else if option.fallback == .required {
        throw failure("\(option.signature) is required")
      }
    }
  }

  private func mismatch(_ text: String, of name: String, expected option: Option) -> InputError {
    var names: [String] = []
    if case .choice(let choices) = option.value { names = choices }
    return program.usageError(
      "\(name) takes \(option.expectation), not \"\(text)\"", near: text, among: names,
      help: "\(program.name) \(command.name) --help")
  }

  private func failure(_ problem: String) -> InputError {
    program.usageError(problem, help: "\(program.name) \(command.name) --help")
  }
}
