/// A matrix drawn as coloured squares, for example variance scores by layer and head.
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

  /// The figure: title, squares, colour key, caption.
  var figure: Markup {
    let cell = 22.0
    let left = 14.0 + 8 + 7 * Double(min(14, rowLabels.map(\.count).max() ?? 0))
    let top = 18.0
    let width = left + cell * Double(columnLabels.count) + 4
    let height = top + cell * Double(rowLabels.count) + 54
    var body = rowNames(left: left, top: top, cell: cell)
    body += columnNames(left: left, top: top, cell: cell)
    for (row, line) in values.enumerated() {
      for (column, value) in line.enumerated() {
        let x = left + cell * Double(column)
        let y = top + cell * Double(row)
        body += square(value, row: row, column: column, x: x, y: y, size: cell - 2)
      }
    }
    body += key(left: left, y: height - 30, width: width - left - 6)
    let note: Markup = caption.isEmpty ? "" : "<p class=\"note\">\(caption)</p>"
    return """
      <figure class="map"><figcaption>\(title)</figcaption>
      <svg viewBox="0 0 \(width) \(height)" style="max-width:\(width * 1.25)px" role="img" aria-label="\(title)">
      \(body)</svg>\(note)</figure>

      """
  }

  private func square(
    _ value: Double, row: Int, column: Int, x: Double, y: Double, size: Double
  ) -> Markup {
    let isMarked = !marked.isEmpty && marked[row][column]
    let (tint, share) = tint(of: value)
    let state = isMarked ? ", pruned" : ""
    var square: Markup = """
      <g><title>\(rowAxis) \(rowLabels[row]), \(columnAxis) \(columnLabels[column]): \
      \(scientific(value))\(state)</title>\
      <rect class="base" x="\(x)" y="\(y)" width="\(size)" height="\(size)" rx="3"/>\
      <rect class="\(tint)" fill-opacity="\(share)" x="\(x)" y="\(y)" width="\(size)" \
      height="\(size)" rx="3"/>
      """
    if isMarked {
      let near = 6.0
      let far = size - near
      square += """
        <path class="cross" d="M\(x + near) \(y + near)L\(x + far) \(y + far)\
        M\(x + far) \(y + near)L\(x + near) \(y + far)"/>
        """
    }
    return square + "</g>\n"
  }

  private func tint(of value: Double) -> (tint: Markup, share: Double) {
    guard value.isFinite else { return ("missing", 1) }
    switch scale {
    case .sequential(let maximum):
      return ("heat", maximum > 0 ? min(1, max(0, value / maximum)) : 0)
    case .diverging(let limit):
      return (value < 0 ? "cold" : "heat", limit > 0 ? min(1, abs(value) / limit) : 0)
    }
  }

  private func rowNames(left: Double, top: Double, cell: Double) -> Markup {
    let middle = top + cell * Double(rowLabels.count) / 2
    let axis: Markup =
      "<text class=\"axis\" transform=\"translate(10 \(middle)) rotate(-90)\" text-anchor=\"middle\">\(rowAxis)</text>\n"
    return rowLabels.enumerated().reduce(into: axis) { names, row in
      let y = top + cell * (Double(row.offset) + 0.5) + 3
      names +=
        "<text class=\"tick\" x=\"\(left - 6)\" y=\"\(y)\" text-anchor=\"end\">\(shortened(row.element, to: 14))</text>\n"
    }
  }

  private func columnNames(left: Double, top: Double, cell: Double) -> Markup {
    let bottom = top + cell * Double(rowLabels.count) + 14
    let middle = left + cell * Double(columnLabels.count) / 2
    let axis: Markup =
      "<text class=\"axis\" x=\"\(middle)\" y=\"\(bottom)\" text-anchor=\"middle\">\(columnAxis)</text>\n"
    return columnLabels.enumerated().reduce(into: axis) { names, column in
      let x = left + cell * (Double(column.offset) + 0.5) - 1
      names +=
        "<text class=\"tick\" x=\"\(x)\" y=\"\(top - 6)\" text-anchor=\"middle\">\(column.element)</text>\n"
    }
  }

  private func key(left: Double, y: Double, width: Double) -> Markup {
    let steps = 24
    let size = width / Double(steps)
    var key: Markup =
      "<rect class=\"base\" x=\"\(left)\" y=\"\(y)\" width=\"\(width)\" height=\"7\"/>"
    let range: ClosedRange<Double>
    switch scale {
    case .sequential(let maximum): range = 0...max(0, maximum)
    case .diverging(let limit): range = -abs(limit)...abs(limit)
    }
    for step in 0..<steps {
      let share = (Double(step) + 0.5) / Double(steps)
      let value = range.lowerBound + share * (range.upperBound - range.lowerBound)
      let (tint, opacity) = tint(of: value)
      key +=
        "<rect class=\"\(tint)\" fill-opacity=\"\(opacity)\" x=\"\(left + size * Double(step))\" y=\"\(y)\" width=\"\(size)\" height=\"7\"/>"
    }
    return key + """
      <text class="tick" x="\(left)" y="\(y + 20)">\(scientific(range.lowerBound))</text>\
      <text class="tick" x="\(left + width)" y="\(y + 20)" text-anchor="end">\
      \(scientific(range.upperBound))</text>

      """
  }
}

/// Two significant digits, with the power of ten written out where it is needed.
func scientific(_ value: Double) -> String {
  guard value.isFinite else { return "not a number" }
  guard value != 0 else { return "0" }
  var exponent = 0
  var mantissa = abs(value)
  while mantissa >= 9.95 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
  while mantissa < 0.995 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
  let sign = value < 0 ? "−" : ""
  if (-2...3).contains(exponent) { return fixed(value, max(0, 1 - exponent)) }
  return sign + fixed(mantissa, 1) + " × 10" + superscript(exponent)
}

private func superscript(_ exponent: Int) -> String {
  let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
  let text = String(exponent.magnitude).compactMap(\.wholeNumberValue).map { String(digits[$0]) }
  return (exponent < 0 ? "⁻" : "") + text.joined()
}
