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
    public var title: String
    /// A remark under the heading; empty for none.
    public var note: String
    /// Cells, as many as there are columns.
    public var rows: [[String]]
    /// Where in a page each row's first cell leads to; none for rows beyond the last.
    public var targets: [String?] = []

    /// Rows, and what stands around them.
    public init(
      title: String = "", note: String = "", rows: [[String]], targets: [String?] = []
    ) {
      self.title = title
      self.note = note
      self.rows = rows
      self.targets = targets
    }
  }

  /// From left to right.
  public var columns: [Column]
  /// From top to bottom.
  public var sections: [Section]

  /// A grid with some sections, or none yet.
  public init(columns: [Column], sections: [Section] = []) {
    self.columns = columns
    self.sections = sections
  }
}
