public import Files
public import Settings

/// Work whose parameters are settings, and so need no reading and writing of their own.
public protocol DeclaredWork: StageWork, Configurable {
  /// Parameters that a document is about to replace.
  init()
}

extension DeclaredWork {
  /// Every setting.
  public var parameters: JSONValue { .object(identity()) }

  /// Reads what `parameters` wrote.
  public init(_ parameters: JSONNode) throws(InputError) {
    self.init()
    try restore(parameters)
  }

  /// No recipe decides anything here.
  public mutating func follow(_ recipe: Recipe) {}
}

extension Setting where Root: Configurable {
  /// The recipe itself.
  public static func recipe(_ path: Property<Recipe>) -> Setting {
    .choice("recipe", path, "Whose formulas are followed.")
  }

  /// Tokens of a text that are read.
  public static func maximumLength(_ path: Property<Int>) -> Setting {
    .integer("maximumLength", path, in: 3...8192, "Tokens of a text that are read.")
  }
}
