/// Text in columns, as wide as their widest cell.
public struct Table: Sendable, CustomStringConvertible {
  private var rows: [[String]]
  private let rightAligned: Set<Int>

  /// A table with a heading. Columns whose index is in `rightAligned` end at one line.
  public init(_ heading: [String], rightAligned: Set<Int> = []) {
    rows = [heading]
    self.rightAligned = rightAligned
  }

  /// Adds a row with as many cells as the heading has.
  public mutating func add(_ cells: [String]) {
    precondition(cells.count == rows[0].count, "\(cells) does not fit under \(rows[0])")
    rows.append(cells)
  }

  /// The rows, one a line, without blanks at the end.
  public var description: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ")
        line += rightAligned.contains(column) ? blanks + cell : cell + blanks
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}

extension Table {
  /// What verification found.
  public init(_ results: [CaseResult]) {
    self.init(
      ["operation", "size", "mode", "result", "error / bound", "ms"], rightAligned: [4, 5])
    for result in results {
      add([
        result.name, result.size, result.mode.rawValue, result.passed ? "passed" : "FAILED",
        result.mode == .determinism ? "" : decimal(result.worstError, places: 3),
        decimal(result.seconds * 1000, places: 1),
      ])
    }
  }

  /// How fast cases ran.
  public init(_ results: [TimingResult]) {
    self.init(
      ["operation", "size", "pass", "median µs", "p90 µs", "runs", "GB/s", "GFLOP/s"],
      rightAligned: [3, 4, 5, 6, 7])
    for result in results {
      add([
        result.name, result.size, result.pass.rawValue,
        decimal(result.median.inSeconds * 1e6, places: 1),
        decimal(result.percentile90.inSeconds * 1e6, places: 1), "\(result.runCount)",
        decimal(result.gigabytesPerSecond, places: 1),
        decimal(result.gigaFLOPsPerSecond, places: 1),
      ])
    }
  }
}

/// `value` with a fixed number of places after the point.
func decimal(_ value: Double, places: Int) -> String {
  guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
  let factor = (0..<places).reduce(1) { product, _ in product * 10 }
  let scaled = Int((abs(value) * Double(factor)).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard places > 0 else { return "\(sign)\(scaled)" }
  let fraction = String(scaled % factor)
  return "\(sign)\(scaled / factor)."
    + String(repeating: "0", count: places - fraction.count) + fraction
}
