/// One option of a command, as data: all that parsing, validation and help need to know.
public struct Option: Sendable {
  /// What may follow the option's name.
  public enum Value: Sendable, Equatable {
    case flag
    case text(placeholder: String)
    case integer(placeholder: String, range: ClosedRange<Int>)
    case number(placeholder: String, range: ClosedRange<Double>)
    case choice([String])
    /// Repeating the option appends to the list; where it `splits`, commas separate texts too
    /// (`ListText`).
    case list(placeholder: String, splits: Bool)
  }

  /// Where an option that the command line does not give gets its value.
  public enum Fallback: Sendable, Equatable {
    case required
    case none
    case value(String)
  }

  /// The name without its two dashes.
  public let name: String
  /// What follows the name.
  public let value: Value
  /// Where the value comes from otherwise.
  public let fallback: Fallback
  /// A sentence for the help.
  public let help: String
  /// A variable such as `PURE_DEVICE` that stands in for the option when the line does not name it.
  public let environmentName: String?

  /// - Precondition: a default obeys the same rules as a value that a user types.
  init(
    _ name: String, _ value: Value, _ fallback: Fallback, _ help: String, _ environmentName: String?
  ) {
    self.name = name
    self.value = value
    self.fallback = fallback
    self.help = help
    self.environmentName = environmentName
    if case .value(let text) = fallback {
      precondition(ParsedValue(text, as: value) != nil, "The default of --\(name) must be valid.")
    }
  }

  /// `--json`: present or absent.
  public static func flag(_ name: String, help: String, environment: String? = nil) -> Option {
    Option(name, .flag, .none, help, environment)
  }

  /// `--model DIR`: any text.
  public static func text(
    _ name: String, _ placeholder: String, _ fallback: Fallback = .none, help: String,
    environment: String? = nil
  ) -> Option {
    Option(name, .text(placeholder: placeholder), fallback, help, environment)
  }

  /// `--epochs N`: a whole number inside `range`.
  public static func integer(
    _ name: String, _ placeholder: String, _ fallback: Fallback = .none, in range: ClosedRange<Int>,
    help: String, environment: String? = nil
  ) -> Option {
    Option(name, .integer(placeholder: placeholder, range: range), fallback, help, environment)
  }

  /// `--learning-rate RATE`: a finite number inside `range`.
  public static func number(
    _ name: String, _ placeholder: String, _ fallback: Fallback = .none,
    in range: ClosedRange<Double>, help: String, environment: String? = nil
  ) -> Option {
    Option(name, .number(placeholder: placeholder, range: range), fallback, help, environment)
  }

  /// `--recipe paper|reference`: one of the names.
  public static func choice(
    _ name: String, _ names: [String], _ fallback: Fallback = .none, help: String,
    environment: String? = nil
  ) -> Option {
    Option(name, .choice(names), fallback, help, environment)
  }

  /// `--triggers 'cf,"one, two"'`: texts separated by commas, or the option repeated.
  public static func list(
    _ name: String, _ placeholder: String, _ fallback: Fallback = .none, help: String,
    environment: String? = nil
  ) -> Option {
    Option(name, .list(placeholder: placeholder, splits: true), fallback, help, environment)
  }

  /// `--set NAME=VALUE`: one text each time, commas and all.
  public static func repeated(_ name: String, _ placeholder: String, help: String) -> Option {
    Option(name, .list(placeholder: placeholder, splits: false), .none, help, nil)
  }

  /// What a value has to look like, as the end of the sentence "--epochs takes …".
  var expectation: String {
    switch value {
    case .flag: "no value"
    case .text: "a value"
    case .integer(_, let range):
      range.upperBound == .max
        ? "a whole number of at least \(range.lowerBound)"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(_, let range):
      range.upperBound == .infinity
        ? "a number of at least \(range.lowerBound)"
        : "a number from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let names): "one of " + names.joined(separator: ", ")
    case .list(_, let splits):
      splits ? "values separated by commas, in double quotes where they hold one" : "a value"
    }
  }

  /// The option as the usage line and the help show it, for example `--epochs N`.
  var signature: String {
    switch value {
    case .flag: "--\(name)"
    case .choice(let names): "--\(name) \(names.joined(separator: "|"))"
    case .text(let word), .list(let word, _), .integer(let word, _), .number(let word, _):
      "--\(name) \(word)"
    }
  }
}

/// A value that has passed its option's checks.
enum ParsedValue: Sendable, Equatable {
  case flag(Bool)
  case text(String)
  case integer(Int)
  case number(Double)
  case list([String])

  /// Nothing when the text is not a value of that kind.
  init?(_ text: String, as value: Option.Value) {
    switch value {
    case .flag:
      guard let isSet = ["1": true, "true": true, "0": false, "false": false, "": false][text]
      else { return nil }
      self = .flag(isSet)
    case .text:
      guard !text.isEmpty else { return nil }
      self = .text(text)
    case .integer(_, let range):
      guard let integer = Int(text), range.contains(integer) else { return nil }
      self = .integer(integer)
    case .number(_, let range):
      guard let number = Double(text), number.isFinite, range.contains(number) else { return nil }
      self = .number(number)
    case .choice(let names):
      guard names.contains(text) else { return nil }
      self = .text(text)
    case .list(_, let splits):
      guard let texts = splits ? ListText.elements(of: text) : [text] else { return nil }
      self = .list(texts)
    }
  }

  /// As it would stand on the line; nil for a flag that is not set.
  var text: String? {
    switch self {
    case .flag(let isSet): isSet ? "yes" : nil
    case .text(let text): text
    case .integer(let integer): String(integer)
    case .number(let number): String(number)
    case .list(let texts): ListText.list(of: texts)
    }
  }
}
