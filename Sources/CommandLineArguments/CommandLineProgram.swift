/// A subcommand, as data.
public struct Command: Sendable {
  /// A value that is named by its place on the line.
  public struct Operand: Sendable {
    /// How help and errors call it.
    public let name: String
    /// A sentence for the help.
    public let help: String

    /// An operand with its sentence for the help.
    public init(_ name: String, help: String) {
      self.name = name
      self.help = help
    }
  }

  /// The word that selects it.
  public let name: String
  /// One line, for the program's list of commands.
  public let summary: String
  /// Paragraphs that stand under the usage line of the command's own help.
  public let discussion: String
  /// In the order in which they stand on the line; all are required.
  public let operands: [Operand]
  /// In the order of the help.
  public let options: [Option]

  /// - Precondition: no two options share a name.
  public init(
    _ name: String, summary: String, discussion: String = "", operands: [Operand] = [],
    options: [Option]
  ) {
    precondition(
      Set(options.map(\.name)).count == options.count, "Two options of \(name) share a name.")
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.operands = operands
    self.options = options
  }
}

/// A program with subcommands, as data.
public struct CommandLineProgram: Sendable {
  /// How it is called on the command line.
  public let name: String
  /// What it is for, in a sentence.
  public let summary: String
  /// What `--version` prints.
  public let version: String
  /// In the order of the help.
  public let commands: [Command]

  /// A program whose command line this table describes.
  public init(name: String, summary: String, version: String, commands: [Command]) {
    self.name = name
    self.summary = summary
    self.version = version
    self.commands = commands
  }
}

/// What a command line asks for.
public enum Invocation: Sendable {
  /// Print this text on standard output and succeed.
  case show(String)
  case run(Arguments)
}

/// The checked arguments of one command. Asking for a name that its table does not declare, or for
/// a type that the table does not give it, is a programmer's mistake and traps.
public struct Arguments: Sendable {
  /// The name of the command.
  public let command: String
  var values: [String: ParsedValue]
  var operands: [String: String]
  /// Options that took their value from the table.
  var defaulted: Set<String> = []

  /// Every option in effect with its value as text, by name; flags only where they are set.
  public var given: [(name: String, value: String)] {
    values.compactMap { name, value in value.text.map { (name: name, value: $0) } }
      .sorted { $0.name < $1.name }
  }

  /// Whether the line or the environment gives the option, rather than its default.
  public func isOnLine(_ name: String) -> Bool { values[name] != nil && !defaulted.contains(name) }

  /// The operand of that name.
  public func operand(_ name: String) -> String {
    guard let text = operands[name] else { preconditionFailure("No operand is called \(name).") }
    return text
  }

  /// Whether the flag is set.
  public func isSet(_ name: String) -> Bool {
    switch values[name] {
    case .flag(let isSet): isSet
    case nil: false
    default: preconditionFailure("--\(name) is not a flag.")
    }
  }

  /// The text, or nothing when neither the line, the environment nor the table gives one.
  public func optionalText(_ name: String) -> String? {
    switch values[name] {
    case .text(let text): text
    case nil: nil
    default: preconditionFailure("--\(name) is not a text.")
    }
  }

  /// The whole number, or nothing when neither the line, the environment nor the table gives one.
  public func optionalInteger(_ name: String) -> Int? {
    switch values[name] {
    case .integer(let integer): integer
    case nil: nil
    default: preconditionFailure("--\(name) is not a whole number.")
    }
  }

  /// The number, or nothing when neither the line, the environment nor the table gives one.
  public func optionalNumber(_ name: String) -> Double? {
    switch values[name] {
    case .number(let number): number
    case nil: nil
    default: preconditionFailure("--\(name) is not a number.")
    }
  }

  /// The list; empty when nothing gives one.
  public func list(_ name: String) -> [String] {
    switch values[name] {
    case .list(let texts): texts
    case nil: []
    default: preconditionFailure("--\(name) is not a list.")
    }
  }

  /// The text of an option that is required or has a default.
  public func text(_ name: String) -> String { present(optionalText(name), name) }

  /// The whole number of an option that is required or has a default.
  public func integer(_ name: String) -> Int { present(optionalInteger(name), name) }

  /// The number of an option that is required or has a default.
  public func number(_ name: String) -> Double { present(optionalNumber(name), name) }

  private func present<T>(_ value: T?, _ name: String) -> T {
    guard let value else { preconditionFailure("--\(name) is neither required nor defaulted.") }
    return value
  }
}
