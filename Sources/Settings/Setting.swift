public import Files

/// Something about a `Root` that a plan or a command may set, declared once: the keys of plans, the
/// identity of a run, the options of commands, their help and the tables of the documentation
/// follow from it.
public struct Setting<Root>: Sendable {
  /// The key in plans, such as `accuracyFloor`.
  public let name: String
  /// The option without its dashes, such as `accuracy-floor`; nil where commands have none.
  public let option: String?
  /// Which values there are.
  public let shape: SettingShape
  /// One sentence, for people.
  public let summary: String
  /// What it has an influence on.
  public let scope: SettingScope
  /// The key in identities.
  public let identity: String
  /// The value that identities leave out: what held before there was a choice; nil for none.
  public let omitted: JSONValue?
  /// A property of the root.
  public typealias Property<Value> = any WritableKeyPath<Root, Value> & Sendable
  private let read: @Sendable (Root) -> JSONValue
  private let write: @Sendable (inout Root, JSONNode) throws(InputError) -> Void

  /// A setting whose value is read and written by functions.
  public init(
    _ name: String, _ shape: SettingShape, option: SettingOption = .sameName,
    scope: SettingScope = .method, identity: String? = nil, omitting omitted: JSONValue? = nil,
    _ summary: String,
    read: @escaping @Sendable (Root) -> JSONValue,
    write: @escaping @Sendable (inout Root, JSONNode) throws(InputError) -> Void
  ) {
    self.name = name
    self.shape = shape
    self.option =
      switch option {
      case .none: nil
      case .sameName: Self.hyphenated(name)
      case .named(let name): name
      }
    self.summary = summary
    self.scope = scope
    self.identity = identity ?? name
    self.omitted = omitted
    self.read = read
    self.write = write
  }

  /// The value as JSON.
  public func value(of root: Root) -> JSONValue { read(root) }

  /// Takes the value that a node holds.
  ///
  /// - Throws: `InputError` where it is none, or outside the range.
  public func set(_ node: JSONNode, in root: inout Root) throws(InputError) {
    try write(&root, node)
  }

  private static func hyphenated(_ name: String) -> String {
    let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
    let bytes = name.utf8.flatMap { byte in
      capitals.contains(byte) ? [UInt8(ascii: "-"), byte | 0x20] : [byte]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Which values a setting may have.
public enum SettingShape: Sendable, Equatable {
  case number(ClosedRange<Double>)
  case integer(ClosedRange<Int>)
  case choice([String])
  case flag
  /// At least one text that is not blank.
  case texts
  /// One text that is not blank.
  case text
  /// A Hugging Face directory.
  case model
  /// A file or folder of texts.
  case source
}

/// How a command names a setting.
public enum SettingOption: Sendable {
  /// By its name in small letters with hyphens.
  case sameName
  case named(String)
  /// Not at all.
  case none
}

/// What a setting has an influence on.
public enum SettingScope: Sendable {
  /// All that a method does.
  case method
  /// An attack's triggers, and so its texts for tests as well.
  case trigger
  /// The triggers of its texts for tests alone.
  case testTrigger
  /// What is read: it counts by its content, as an input of stages, and not by where it lies.
  case input
  /// The same for an attack's triggers.
  case triggerInput

  /// Whether triggers depend on it.
  public var concernsTriggers: Bool {
    self == .trigger || self == .testTrigger || self == .triggerInput
  }
  /// Whether it is read, and so no part of identities.
  public var isInput: Bool { self == .input || self == .triggerInput }
}

/// Properties of the usual types.
extension Setting {
  /// A number within a range.
  public static func number(
    _ name: String, _ path: Property<Double>,
    in range: ClosedRange<Double>, option: SettingOption = .sameName, scope: SettingScope = .method,
    _ summary: String
  ) -> Setting {
    Setting(name, .number(range), option: option, scope: scope, summary) { root in
      .double(root[keyPath: path])
    } write: { root, node throws(InputError) in
      root[keyPath: path] = try node.double(in: range)
    }
  }

  /// A whole number within a range.
  ///
  /// - Parameter omitted: what identities leave out.
  public static func integer(
    _ name: String, _ path: Property<Int>, in range: ClosedRange<Int>,
    option: SettingOption = .sameName, scope: SettingScope = .method,
    omitting omitted: Int? = nil, _ summary: String
  ) -> Setting {
    Setting(
      name, .integer(range), option: option, scope: scope, omitting: omitted.map(JSONValue.int),
      summary
    ) { root in
      .int(root[keyPath: path])
    } write: { root, node throws(InputError) in
      root[keyPath: path] = try node.int(in: range)
    }
  }

  /// A whole number that need not be there.
  public static func integer(
    _ name: String, _ path: Property<Int?>, in range: ClosedRange<Int>,
    option: SettingOption = .sameName, _ summary: String
  ) -> Setting {
    Setting(name, .integer(range), option: option, summary) { root in
      root[keyPath: path].map(JSONValue.int) ?? .null
    } write: { root, node throws(InputError) in
      root[keyPath: path] = try node.int(in: range)
    }
  }

  /// One of the names of an enumeration.
  ///
  /// - Parameter omitted: what identities leave out.
  public static func choice<Name: RawRepresentable<String> & CaseIterable & SendableMetatype>(
    _ name: String, _ path: Property<Name>,
    option: SettingOption = .sameName, scope: SettingScope = .method,
    omitting omitted: Name? = nil, _ summary: String
  ) -> Setting {
    Setting(
      name, .choice(Name.allCases.map(\.rawValue)), option: option, scope: scope,
      omitting: omitted.map { .string($0.rawValue) }, summary
    ) { root in
      .string(root[keyPath: path].rawValue)
    } write: { root, node throws(InputError) in
      root[keyPath: path] = try node.name()
    }
  }

  /// True or false.
  ///
  /// - Parameter omitted: what identities leave out.
  public static func flag(
    _ name: String, _ path: Property<Bool>,
    option: SettingOption = .sameName, omitting omitted: Bool? = nil, _ summary: String
  ) -> Setting {
    Setting(
      name, .flag, option: option, omitting: omitted.map(JSONValue.bool), summary
    ) { root in
      .bool(root[keyPath: path])
    } write: { root, node throws(InputError) in
      root[keyPath: path] = try node.bool()
    }
  }

  /// Texts, none of them blank; at least one.
  public static func texts(
    _ name: String, _ path: Property<[String]>,
    scope: SettingScope = .method, identity: String? = nil, _ summary: String
  ) -> Setting {
    Setting(name, .texts, scope: scope, identity: identity, summary) { root in
      .array(root[keyPath: path].map(JSONValue.string))
    } write: { root, node throws(InputError) in
      let texts = try node.texts()
      guard !texts.isEmpty, !texts.contains(where: { $0.allSatisfy(\.isWhitespace) }) else {
        throw node.error("has no word in it, or a blank one", remedy: "name at least one")
      }
      root[keyPath: path] = texts
    }
  }

  /// A text that is not blank.
  public static func text(
    _ name: String, _ path: Property<String>,
    scope: SettingScope = .method, _ summary: String
  ) -> Setting {
    Setting(name, .text, scope: scope, summary) { root in
      .string(root[keyPath: path])
    } write: { root, node throws(InputError) in
      root[keyPath: path] = try node.wording()
    }
  }

  /// A text that need not be there.
  public static func text(
    _ name: String, _ path: Property<String?>, scope: SettingScope = .method, _ summary: String
  ) -> Setting {
    optional(name, .text, path, scope, summary)
  }

  /// A model directory that need not be named; it counts by its content, as an input.
  public static func model(
    _ name: String, _ path: Property<String?>, _ summary: String
  ) -> Setting {
    optional(name, .model, path, .input, summary)
  }

  /// A file or folder of texts that need not be named; it counts by its content, as an input.
  public static func source(
    _ name: String, _ path: Property<String?>, scope: SettingScope = .input, _ summary: String
  ) -> Setting {
    optional(name, .source, path, scope, summary)
  }

  private static func optional(
    _ name: String, _ shape: SettingShape, _ path: Property<String?>, _ scope: SettingScope,
    _ summary: String
  ) -> Setting {
    Setting(name, shape, scope: scope, summary) { root in
      root[keyPath: path].map(JSONValue.string) ?? .null
    } write: { root, node throws(InputError) in
      root[keyPath: path] = try node.wording()
    }
  }
}

extension JSONNode {
  /// A string that is not blank.
  fileprivate func wording() throws(InputError) -> String {
    let text = try string()
    guard !text.allSatisfy(\.isWhitespace) else {
      throw error("is blank", remedy: "write a text")
    }
    return text
  }
}
