public import Files

/// A value that is made of settings.
public protocol Configurable: Sendable {
  /// All that may be set about it.
  var declarations: [Setting<Self>] { get }
  /// Takes the constants of a recipe.
  mutating func follow(_ recipe: Recipe)
}

extension Configurable {
  /// Takes what an object says of this value's settings, and leaves aside what belongs to others.
  ///
  /// - Parameter path: what a text that names a file or folder stands for.
  /// - Throws: `InputError` that names a value that is none.
  public mutating func apply(
    _ node: JSONNode, path: (JSONNode) throws(InputError) -> String
  ) throws(InputError) {
    for setting in declarations {
      guard let value = try node.optional(setting.name) else { continue }
      let isPath = setting.shape == .model || setting.shape == .source
      try setting.set(
        isPath ? JSONNode(.string(try path(value)), file: node.file) : value, in: &self)
    }
  }

  /// Takes back what `identity` wrote.
  public mutating func restore(_ node: JSONNode, scope: SettingScope? = nil) throws(InputError) {
    for setting in declarations where scope == nil || setting.scope == scope {
      let omitted = setting.omitted.map { JSONNode($0, file: node.file) }
      if let value = try node.optional(setting.identity) ?? omitted {
        try setting.set(value, in: &self)
      }
    }
  }

  /// Every setting of that scope, or of all but inputs, by its key in identities; without values
  /// that identities leave out.
  public func identity(_ scope: SettingScope? = nil) -> JSONObject {
    let settings = declarations.filter { scope == nil ? !$0.scope.isInput : $0.scope == scope }
    return JSONObject(
      settings.compactMap { setting in
        let value = setting.value(of: self)
        return value == setting.omitted ? nil : (setting.identity, value)
      })
  }

  /// What is declared, without the type that it belongs to.
  public var descriptions: [SettingDescription] {
    declarations.map { setting in
      func value(_ recipe: Recipe) -> JSONValue {
        var copy = self
        copy.follow(recipe)
        return setting.value(of: copy)
      }
      return SettingDescription(
        name: setting.name, option: setting.option, shape: setting.shape, summary: setting.summary,
        scope: setting.scope,
        defaults: Dictionary(uniqueKeysWithValues: Recipe.allCases.map { ($0, value($0)) }))
    }
  }
}

/// A setting as options, help and documentation need it.
public struct SettingDescription: Sendable, Equatable {
  /// The key in plans.
  public let name: String
  /// The option without its dashes; nil where commands have none.
  public let option: String?
  /// Which values there are.
  public let shape: SettingShape
  /// One sentence.
  public let summary: String
  /// What it has an influence on.
  public let scope: SettingScope
  /// What holds where nobody says otherwise; null for nothing.
  public let defaults: [Recipe: JSONValue]
}
