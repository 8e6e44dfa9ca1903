/// A table of texts that several renderers can draw.
public struct Grid: Hashable, Sendable {
  /// A column's heading and what stands in it.
  public struct Column: Hashable, Sendable {
    /// What the column is called.
    public let title: String
    /// Numbers are set flush right.
    public let isNumeric: Bool

    /// A column of texts.
    public static func text(_ title: String) -> Column { Column(title: title, isNumeric: false) }
    /// A column of numbers.
    public static func number(_ title: String) -> Column { Column(title: title, isNumeric: true) }
  }

  /// Rows that belong together under a heading of their own.
  public struct Section: Hashable, Sendable {
    /// Empty for none.
    public var title = ""
    /// A remark under the heading; empty for none.
    public var note = ""
    /// Cells, as many as there are columns.
    public var rows: [[String]]
  }

  /// From left to right.
  public var columns: [Column]
  /// From top to bottom.
  public var sections: [Section] = []

  /// A grid without rows.
  public init(columns: [Column]) { self.columns = columns }
}
