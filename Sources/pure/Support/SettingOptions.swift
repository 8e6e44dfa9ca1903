import CommandLineArguments
import Files
import Laboratory
import Settings

extension Option {
  /// The options of settings, by their declarations; a name that several methods declare is one
  /// option, and its default is named where it is the same for all of them.
  ///
  /// - Parameter defaults: what holds instead of the recipe's, by the setting's name.
  static func settings(
    _ descriptions: [SettingDescription], defaults: [String: JSONValue] = [:]
  ) -> [Option] {
    var names: Set<String> = []
    return descriptions.compactMap { setting in
      guard let name = setting.option, names.insert(name).inserted else { return nil }
      let others = descriptions.filter { $0.option == name && $0.defaults != setting.defaults }
      return Option.setting(setting, name, defaults[setting.name], alike: others.isEmpty)
    }
  }

  private static func setting(
    _ setting: SettingDescription, _ name: String, _ value: JSONValue?, alike: Bool
  ) -> Option {
    let values = value.map { [$0] } ?? Recipe.allCases.compactMap { setting.defaults[$0] }
    let isOne = values.allSatisfy { $0 == values[0] }
    let fallback: Fallback = isOne && alike && !values[0].isNull ? .value(values[0].plain) : .none
    let alternatives = values.map(\.plain).joined(separator: " or ")
    let help =
      isOne ? setting.summary : setting.summary.dropLast() + "; by the recipe \(alternatives)."
    switch setting.shape {
    case .number(let range): return .number(name, "NUMBER", fallback, in: range, help: help)
    case .integer(let range): return .integer(name, "N", fallback, in: range, help: help)
    case .choice(let names): return .choice(name, names, fallback, help: help)
    case .flag: return .flag(name, help: help)
    case .texts: return .list(name, "WORDS", fallback, help: help)
    case .text: return .text(name, "TEXT", fallback, help: help)
    case .model: return .text(name, "DIR", fallback, help: help)
    case .source: return .text(name, "FILE", fallback, help: help)
    }
  }
}

extension Arguments {
  /// Gives a value the settings that the line or the environment names.
  ///
  /// - Throws: `InputError` that names an option whose value is none.
  func apply(to value: inout some Configurable) throws(InputError) {
    for setting in value.declarations {
      guard let option = setting.option, isOnLine(option) else { continue }
      try setting.set(
        JSONNode(self.value(of: option, setting.shape), file: "--" + option), in: &value)
    }
  }

  private func value(of option: String, _ shape: SettingShape) -> JSONValue {
    switch shape {
    case .number: .double(number(option))
    case .integer: .int(integer(option))
    case .choice, .text, .model, .source: .string(text(option))
    case .flag: .bool(isSet(option))
    case .texts: .array(list(option).map(JSONValue.string))
    }
  }
}
