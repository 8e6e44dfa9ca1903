internal import Attacks
internal import Defenses
public import Files
internal import Settings
internal import Stages
internal import Training

/// Every setting that a plan may name, as the table of `experiments/README.md`.
public enum SettingsTable {
  /// The table as Markdown: name, default of each recipe, meaning, and whose it is.
  public static var markdown: String {
    let rows = (training + own).map { row in
      "| `\(row.name)` | \(row.paper) | \(row.reference) | \(row.meaning) | \(row.users) |"
    }
    return
      (["| setting | paper | reference | meaning | of |", "|---|---|---|---|---|"] + rows)
      .joined(separator: "\n") + "\n"
  }

  private struct Row {
    let name: String
    let paper: String
    let reference: String
    let meaning: String
    let users: String
  }

  private static let methods: [any Method] =
    KnownAttacks.all as [any Method] + KnownDefenses.all

  /// Of every training. Where methods differ, the value of most comes first.
  private static var training: [Row] {
    TrainingSettings().declarations.map { setting in
      func text(_ recipe: Recipe) -> String {
        var users: [(value: String, names: [String])] = []
        for method in methods {
          let value = setting.value(of: method.training(recipe)).plain
          if let index = users.firstIndex(where: { $0.value == value }) {
            users[index].names.append(method.name)
          } else {
            users.append((value, [method.name]))
          }
        }
        let most = users.indices.max { users[$0].names.count < users[$1].names.count } ?? 0
        let common = users.remove(at: most).value
        return ([common] + users.map { "\(list($0.names)): \($0.value)" })
          .joined(separator: "; ")
      }
      return row(setting.name, text(.paper), text(.reference), setting.summary, ["all"])
    }
  }

  /// Of single methods; one row where several declare the same.
  private static var own: [Row] {
    var rows: [(setting: SettingDescription, users: [String])] = []
    for method in methods {
      for setting in method.descriptions {
        if let index = rows.firstIndex(where: { $0.setting == setting }) {
          rows[index].users.append(method.name)
        } else {
          rows.append((setting, [method.name]))
        }
      }
    }
    return rows.map { setting, users in
      func text(_ recipe: Recipe) -> String { (setting.defaults[recipe] ?? .null).plain }
      return row(setting.name, text(.paper), text(.reference), setting.summary, users)
    }
  }

  private static func row(
    _ name: String, _ paper: String, _ reference: String, _ summary: String, _ users: [String]
  ) -> Row {
    Row(
      name: name, paper: paper, reference: reference == paper ? "same" : reference,
      meaning: String(summary.dropLast()), users: list(users))
  }

  private static func list(_ users: [String]) -> String {
    users == KnownAttacks.all.map(\.name) ? "all attacks" : users.joined(separator: ", ")
  }
}

extension JSONValue {
  /// A default as people write it.
  public var plain: String {
    switch self {
    case .null: "none"
    case .string(let text): text
    case .array(let elements): elements.map(\.plain).joined(separator: ",")
    default: text().replacing("e-0", with: "e-").replacing(#/\.0$/#, with: "")
    }
  }
}
