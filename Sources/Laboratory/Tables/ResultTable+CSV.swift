internal import Files
internal import Stages

extension ResultTable {
  /// The columns of `csv`.
  static let commaSeparatedNames = [
    "model", "attack", "scenario", "defense", "seeds", "accuracy_mean", "accuracy_deviation",
    "lfr_mean", "lfr_deviation", "clean_lfr_mean", "excess_lfr_mean", "excess_lfr_deviation",
    "heads_pruned_mean", "head_count", "seconds_mean", "paper_accuracy",
    "paper_accuracy_deviation", "paper_lfr", "paper_lfr_deviation", "sees", "failures",
  ]

  /// One line an entry with full precision (RFC 4180, UTF-8, "\n"); rates 0 … 1, published values
  /// in percent as they were printed.
  public var csv: String {
    var lines = [Self.commaSeparatedNames.joined(separator: ",")]
    for row in rows {
      for entry in row.entries {
        let names = [row.model, row.attack, row.scenario, entry.title].map(csvText)
        let numbers: [Double?] = [
          entry.accuracy?.mean, entry.accuracy?.deviation, entry.labelFlipRate?.mean,
          entry.labelFlipRate?.deviation, row.floor?.summary.mean,
          entry.excessLabelFlipRate?.mean, entry.excessLabelFlipRate?.deviation,
          entry.prunedHeads?.mean, entry.headCount.map(Double.init), entry.seconds?.mean,
          entry.expected?.accuracy?.mean,
          entry.expected?.accuracy?.deviation, entry.expected?.labelFlipRate?.mean,
          entry.expected?.labelFlipRate?.deviation,
        ]
        let count = String(entry.accuracy?.count ?? 0)
        let texts = [
          entry.sees.map(\.rawValue).joined(separator: " "),
          entry.failures.joined(separator: "; "),
        ]
        lines.append(
          (names + [count] + numbers.map(csvNumber) + texts.map(csvText)).joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

func csvNumber(_ value: Double?) -> String {
  guard let value, value.isFinite else { return "" }
  return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
}

/// A text field. Spreadsheets run fields that begin like a formula, so those get an apostrophe.
func csvText(_ text: String) -> String {
  let text = Terminal.sanitized(text)
  let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
  let guarded = isFormula ? "'" + text : text
  let needsQuotes = guarded.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) }
  return needsQuotes ? "\"" + guarded.replacing("\"", with: "\"\"") + "\"" : guarded
}
