extension HeatMap {
  private static let cell = 22.0
  /// Tints that are told apart; squares of one tint are one path, so that a page may hold
  /// hundreds of maps.
  private static let tintCount = 24
  private static let keyCount = 12

  private var left: Double { 22 + Self.width(of: rowLabels) }
  /// Labels of more than a number or two stand upright.
  private var isUpright: Bool { columnLabels.contains { $0.count > 2 } }
  private var top: Double { isUpright ? 12 + Self.width(of: columnLabels) : 18 }
  private var bottom: Double { top + Self.cell * Double(rowLabels.count) }

  private static func width(of labels: [String]) -> Double {
    7 * Double(min(14, labels.map(\.count).max() ?? 0))
  }

  /// In pixels.
  var size: (width: Double, height: Double) {
    (left + Self.cell * Double(max(columnLabels.count, 6)) + 4, bottom + 54)
  }

  /// The figure in a page: title, squares, colour key, caption and, on request, the numbers.
  func figure(withTable hasTable: Bool) -> Markup {
    let note: Markup = caption.isEmpty ? "" : "<p class=\"note\">\(caption)</p>"
    return """
      <figure class="map"><figcaption>\(title)</figcaption>
      <svg viewBox="0 0 \(size.width) \(size.height)" style="max-width:\(size.width * 1.25)px" \
      role="img" aria-label="\(title)">
      \(drawing)</svg>\(note)\(hasTable ? table : "")</figure>

      """
  }

  /// Squares, names and colour key, without what is around them.
  var drawing: Markup {
    var paths: [String: (tint: Markup, level: Int, path: String)] = [:]
    var crosses = ""
    for (row, line) in values.enumerated() {
      for (column, value) in line.enumerated() {
        let (x, y) = (left + Self.cell * Double(column), top + Self.cell * Double(row))
        let (tint, level) = tint(of: value)
        paths["\(tint.text)\(level)", default: (tint, level, "")].path +=
          "M\(csvNumber(x)) \(csvNumber(y))h20v20h-20z"
        if isMarked(row, column) {
          crosses += "M\(csvNumber(x + 6)) \(csvNumber(y + 6))l8 8m0 -8l-8 8"
        }
      }
    }
    let squares = paths.sorted { $0.key < $1.key }.map { _, square -> Markup in
      "<path class=\"\(square.tint)\"\(Self.opacity(square.level)) d=\"\(square.path)\"/>\n"
    }
    return """
      <rect class="base" x="\(left)" y="\(top)" \
      width="\(Self.cell * Double(columnLabels.count) - 2)" \
      height="\(Self.cell * Double(rowLabels.count) - 2)"/>
      \(squares.joined())<path class="gap" d="\(gaps)"/>
      <path class="cross" d="\(crosses)"/>
      \(rowNames)\(columnNames)\(key)
      """
  }

  /// Lines between the squares, which show where those without a tint are.
  private var gaps: String {
    let (width, height) = (Self.cell * Double(columnLabels.count) - 2, bottom - top - 2)
    let upright = columnLabels.indices.dropFirst().map { column in
      "M\(csvNumber(left + Self.cell * Double(column) - 1)) \(csvNumber(top))v\(csvNumber(height))"
    }
    let level = rowLabels.indices.dropFirst().map { row in
      "M\(csvNumber(left)) \(csvNumber(top + Self.cell * Double(row) - 1))h\(csvNumber(width))"
    }
    return (upright + level).joined()
  }

  private func isMarked(_ row: Int, _ column: Int) -> Bool {
    !marked.isEmpty && marked[row][column]
  }

  private static func opacity(_ level: Int) -> Markup {
    " fill-opacity=\"\(Double(level) / Double(tintCount))\""
  }

  private func tint(of value: Double) -> (tint: Markup, level: Int) {
    guard value.isFinite else { return ("missing", Self.tintCount) }
    func level(_ share: Double) -> Int {
      Int((min(1, max(0, share)) * Double(Self.tintCount)).rounded())
    }
    switch scale {
    case .sequential(let maximum): return ("heat", maximum > 0 ? level(value / maximum) : 0)
    case .diverging(let limit):
      return (value < 0 ? "cold" : "heat", limit > 0 ? level(abs(value) / limit) : 0)
    }
  }

  private var rowNames: Markup {
    let names = rowLabels.enumerated().map { row, name -> Markup in
      "<text x=\"\(csvNumber(left - 6))\" y=\"\(csvNumber(top + Self.cell * Double(row) + 14))\">\(shortened(name, to: 14))</text>"
    }
    return """
      <text class="axis" transform="translate(10 \((top + bottom) / 2)) rotate(-90)" \
      text-anchor="middle">\(rowAxis)</text>
      <g class="ticks" text-anchor="end">\(names.joined())</g>

      """
  }

  private var columnNames: Markup {
    let names = columnLabels.enumerated().map { column, name -> Markup in
      let x = left + Self.cell * Double(column) + 10
      let place: Markup =
        isUpright
        ? "transform=\"translate(\(csvNumber(x + 3.5)) \(csvNumber(top - 5))) rotate(-90)\""
        : "x=\"\(csvNumber(x))\" y=\"\(csvNumber(top - 6))\""
      return "<text \(place)>\(shortened(name, to: 14))</text>"
    }
    let middle = left + Self.cell * Double(columnLabels.count) / 2
    return """
      <text class="axis" x="\(middle)" y="\(bottom + 14)" text-anchor="middle">\(columnAxis)</text>
      <g class="ticks" text-anchor="\(isUpright ? "start" : "middle" as Markup)">\
      \(names.joined())</g>

      """
  }

  private var key: Markup {
    let (y, width) = (size.height - 30, size.width - left - 6)
    let range: ClosedRange<Double>
    switch scale {
    case .sequential(let maximum): range = 0...max(0, maximum)
    case .diverging(let limit): range = -abs(limit)...abs(limit)
    }
    let step = width / Double(Self.keyCount)
    var key: Markup = """
      <rect class="base" x="\(left)" y="\(y)" width="\(width)" height="7"/>
      """
    for place in 0..<Self.keyCount {
      let share = (Double(place) + 0.5) / Double(Self.keyCount)
      let (tint, level) = tint(
        of: range.lowerBound + share * (range.upperBound - range.lowerBound))
      key += """
        <path class="\(tint)"\(Self.opacity(level)) \
        d="M\(left + step * Double(place)) \(y)h\(step)v7h-\(step)z"/>
        """
    }
    return key + """
      <text class="tick" x="\(left)" y="\(y + 20)">\(scientific(range.lowerBound))</text>\
      <text class="tick" x="\(left + width)" y="\(y + 20)" text-anchor="end">\
      \(scientific(range.upperBound))</text>

      """
  }

  /// What the squares show, in numbers.
  private var table: Markup {
    let head = columnLabels.map { "<th scope=\"col\">\($0)</th>" as Markup }
    let rows = values.enumerated().map { row, line -> Markup in
      let cells = line.enumerated().map { column, value -> Markup in
        let mark: Markup = isMarked(row, column) ? ", pruned" : ""
        return "<td>\(scientific(value))\(mark)</td>"
      }
      return "<tr><th scope=\"row\">\(rowLabels[row])</th>\(cells.joined())</tr>\n"
    }
    return """
      <details><summary><b>Numbers</b></summary><div class="scroll"><table class="numbers"><thead>\
      <tr><th>\(rowAxis) \\ \(columnAxis)</th>\(head.joined())</tr></thead><tbody>
      \(rows.joined())</tbody></table></div></details>
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
