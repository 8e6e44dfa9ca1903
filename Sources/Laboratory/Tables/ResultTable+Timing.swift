internal import Stages
internal import Tensors
extension ResultTable {
  /// What a table of seconds says of all of them: where they were measured, and which stages several
  /// defences have in common.
  static func timing(of rows: [Row]) -> [String] {
    let records = rows.flatMap(\.entries).flatMap(\.records).filter(\.isFinished)
    guard !records.isEmpty else { return [] }
    let places = records.map(\.environment).map { place in
      "\(place.device), \(place.threads) thread\(place.threads == 1 ? "" : "s"), "
        + place.precision.rawValue
    }.distinct
    let notes = ["Seconds: measured on \(places.joined(separator: "; ")); means over seeds."]
    let shared = rows.flatMap(Self.sharedStages).distinct
    guard !shared.isEmpty else { return notes }
    return notes + [
      "Done once, and counted in full for each that needs it: \(shared.joined(separator: "; "))."
    ]
  }

  /// Such as "finetune (FT, PURE)".
  private static func sharedStages(of row: Row) -> [String] {
    var users: [String: (kind: String, titles: [String])] = [:]
    var keys: [String] = []
    for entry in row.entries {
      for stage in entry.records.filter(\.isFinished).flatMap(\.defenseStages) {
        if users[stage.key] == nil { keys.append(stage.key) }
        users[stage.key, default: (stage.kind, [])].titles.append(entry.title)
      }
    }
    return keys.compactMap { users[$0] }.filter { Set($0.titles).count > 1 }.map { stage in
      "\(stage.kind) (\(stage.titles.distinct.joined(separator: ", ")))"
    }
  }
}
