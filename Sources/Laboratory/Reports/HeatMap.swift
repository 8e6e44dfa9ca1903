/// A matrix drawn as coloured squares, for example variance scores by layer and head; its numbers
/// are in a table behind it.
public struct HeatMap: Sendable {
  /// How a value becomes a colour. Squares are tinted by opacity, so one drawing serves light and
  /// dark pages.
  public enum Scale: Sendable, Equatable {
    /// From 0 (no tint) to `maximum` (full tint).
    case sequential(maximum: Double)
    /// From −`limit` over 0 (no tint) to `limit`, in two hues.
    case diverging(limit: Double)
  }

  /// What stands above it.
  public var title: String
  /// A remark below it; empty for none.
  public var caption: String
  /// Rows × columns, all rows of one length.
  public var values: [[Double]]
  /// One a row.
  public var rowLabels: [String]
  /// One a column.
  public var columnLabels: [String]
  /// What the rows are, in the singular.
  public var rowAxis: String
  /// What the columns are, in the singular.
  public var columnAxis: String
  /// How values become colours.
  public var scale: Scale
  /// Squares to cross out, the shape of `values`; empty for none.
  public var marked: [[Bool]]

  /// - Parameter values: rows × columns; rows of one length, as many labels as rows and columns.
  public init(
    title: String, caption: String = "", values: [[Double]], rowLabels: [String],
    columnLabels: [String], rowAxis: String, columnAxis: String, scale: Scale,
    marked: [[Bool]] = []
  ) {
    precondition(
      values.count == rowLabels.count && values.allSatisfy { $0.count == columnLabels.count },
      "A heat map of \(rowLabels.count) × \(columnLabels.count) labels needs as many values.")
    precondition(
      marked.isEmpty || marked.map(\.count) == values.map(\.count),
      "The marks of a heat map must have the shape of its values.")
    self.title = title
    self.caption = caption
    self.values = values
    self.rowLabels = rowLabels
    self.columnLabels = columnLabels
    self.rowAxis = rowAxis
    self.columnAxis = columnAxis
    self.scale = scale
    self.marked = marked
  }
}
