/// One quantity over a setting, a line a series with its deviation as a band (the paper's figures 4
/// and 5). Series differ by colour, dashes and mark, and are named at their ends, so that nobody
/// needs colour or a legend to tell them apart.
public struct CurveChart: Sendable, Picture {
  /// The mean of some runs at one value of the setting.
  public struct Point: Sendable {
    /// The setting's value.
    public let x: Double
    /// In the unit of the axis.
    public let value: Summary

    /// A point of a series.
    public init(x: Double, value: Summary) {
      self.x = x
      self.value = value
    }
  }

  /// A line.
  public struct Series: Sendable {
    /// Its name.
    public let title: String
    /// From left to right.
    public let points: [Point]

    /// Points that are put in order.
    public init(title: String, points: [Point]) {
      self.title = title
      self.points = points.sorted { $0.x < $1.x }
    }
  }

  /// What stands above it.
  public var title: String
  /// The setting.
  public var xTitle: String
  /// The quantity with its unit.
  public var yTitle: String
  /// From the first colour to the last; more than there are colours begin anew.
  public var series: [Series]
  /// What the axis shows at least.
  public var yRange: ClosedRange<Double>

  /// A chart of what was measured.
  public init(
    title: String, xTitle: String, yTitle: String, series: [Series],
    yRange: ClosedRange<Double> = 0...100
  ) {
    self.title = title
    self.xTitle = xTitle
    self.yTitle = yTitle
    self.series = series
    self.yRange = yRange
  }

  /// The figure in a page, with its points as a table for who cannot see it.
  var figure: Markup {
    let rows = points.map { row -> Markup in
      "<tr>\(row.map { "<td>\($0)</td>" as Markup }.joined())</tr>\n"
    }
    let head = Self.columns(xTitle, yTitle).map { "<th scope=\"col\">\($0)</th>" as Markup }
    return """
      <figure><figcaption>\(title)</figcaption>
      <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" \
      aria-label="\(title): \(yTitle) over \(xTitle)">
      \(drawing)</svg>
      <details><summary><b>Points</b></summary><div class="scroll"><table><thead>\
      <tr>\(head.joined())</tr></thead><tbody>
      \(rows.joined())</tbody></table></div></details></figure>

      """
  }

  /// The same as a file of its own.
  public var svg: String {
    Self.svgFile(
      title, width: Self.width, height: Self.height, styles: Self.styles, drawing)
  }

  /// Its points for programs (RFC 4180): series, x, mean, deviation and number of runs.
  public var csv: String {
    Self.commaSeparatedNames + "\n"
      + series.flatMap { line in
        line.points.map { point in
          [
            csvText(line.title), csvNumber(point.x), csvNumber(point.value.mean),
            csvNumber(point.value.deviation), "\(point.value.count)",
          ].joined(separator: ",") + "\n"
        }
      }.joined()
  }

  static let commaSeparatedNames = "series,x,mean,deviation,runs"

  private static func columns(_ x: String, _ y: String) -> [String] { ["", x, y, "runs"] }

  private var points: [[String]] {
    series.flatMap { line in
      line.points.map {
        [line.title, csvNumber($0.x), $0.value.text(1), "\($0.value.count)"]
      }
    }
  }

  /// Colours that keep apart for every kind of colour vision (Okabe and Ito), on light and dark.
  static let styles: Markup = """
    .curve { fill: none; stroke-width: 2; stroke-linejoin: round; } .band { fill-opacity: .14; }
    .s0 { --tint: #0072b2; } .s1 { --tint: #d55e00; } .s2 { --tint: #009e73; }
    .s3 { --tint: #cc79a7; } .s4 { --tint: #b58900; } .s5 { --tint: #56b4e9; }
    .curve { stroke: var(--tint); } .band, .mark { fill: var(--tint); }

    """

  private static let dashes: [Markup] = ["none", "7 3", "2 3", "9 3 2 3", "5 2 1 2 1 2", "12 4"]
  private static let (width, height) = (460.0, 280.0)
  private static let (left, right, top, bottom) = (44.0, 118.0, 12.0, 40.0)

  private var drawing: Markup {
    let area = Frame(
      xs: series.flatMap(\.points).map(\.x),
      ys: series.flatMap(\.points).flatMap {
        [$0.value.mean - ($0.value.deviation ?? 0), $0.value.mean + ($0.value.deviation ?? 0)]
      } + [yRange.lowerBound, yRange.upperBound], limits: yRange)
    var body = axes(area)
    for (index, line) in series.enumerated() where !line.points.isEmpty {
      body += drawing(of: line, index, area)
    }
    return body + names(area)
  }

  private func axes(_ area: Frame) -> Markup {
    var body: Markup = ""
    let end = Self.width - Self.right
    for tick in area.yTicks {
      let y = area.y(tick)
      body += """
        <line class="grid" x1="\(Self.left)" x2="\(end)" y1="\(y)" y2="\(y)"/>\
        <text class="tick" x="\(Self.left - 6)" y="\(y + 3.5)" text-anchor="end">\
        \(csvNumber(tick))</text>

        """
    }
    for x in area.xs {
      body += """
        <text class="tick" x="\(area.x(x))" y="\(Self.height - Self.bottom + 15)" \
        text-anchor="middle">\(csvNumber(x))</text>

        """
    }
    return body + """
      <text class="axis" x="\((Self.left + end) / 2)" y="\(Self.height - 6)" \
      text-anchor="middle">\(xTitle)</text>
      <text class="axis" transform="translate(11 \((Self.top + Self.height - Self.bottom) / 2)) \
      rotate(-90)" text-anchor="middle">\(yTitle)</text>

      """
  }

  private func drawing(of line: Series, _ index: Int, _ area: Frame) -> Markup {
    func path(_ points: [(x: Double, y: Double)]) -> Markup {
      points.enumerated().map { index, point -> Markup in
        "\(index == 0 ? "M" : "L" as Markup)\(area.x(point.x)) \(area.y(point.y))"
      }.joined()
    }
    let upper = line.points.map { ($0.x, $0.value.mean + ($0.value.deviation ?? 0)) }
    let lower = line.points.reversed().map { ($0.x, $0.value.mean - ($0.value.deviation ?? 0)) }
    var body: Markup = """
      <g class="s\(index % 6)"><path class="band" d="\(path(upper + lower))Z"/>\
      <path class="curve" stroke-dasharray="\(Self.dashes[index % 6])" \
      d="\(path(line.points.map { ($0.x, $0.value.mean) }))"/>

      """
    for point in line.points {
      body += Self.mark(index, area.x(point.x), area.y(point.value.mean))
    }
    return body + "</g>\n"
  }

  private static func mark(_ index: Int, _ x: Double, _ y: Double) -> Markup {
    switch index % 3 {
    case 0: "<circle class=\"mark\" cx=\"\(x)\" cy=\"\(y)\" r=\"3.2\"/>"
    case 1: "<rect class=\"mark\" x=\"\(x - 3)\" y=\"\(y - 3)\" width=\"6\" height=\"6\"/>"
    default: "<path class=\"mark\" d=\"M\(x - 3.8) \(y + 3.2)h7.6l-3.8 -6.8z\"/>"
    }
  }

  /// Names beside the last points, moved apart where they would lie over each other.
  private func names(_ area: Frame) -> Markup {
    let ends = series.enumerated().compactMap { index, line in
      line.points.last.map { (index, line.title, y: area.y($0.value.mean)) }
    }.sorted { $0.y < $1.y }
    var places: [Double] = []
    for end in ends { places.append(max(end.y, (places.last ?? -.infinity) + 13)) }
    let overflow = max(0, (places.last ?? 0) - (Self.height - Self.bottom))
    return zip(ends, places).map { end, y -> Markup in
      let x = Self.width - Self.right + 8
      return """
        <g class="s\(end.0 % 6)">\(Self.mark(end.0, x + 4, y - overflow))\
        <text x="\(x + 13)" y="\(y - overflow + 4)">\(end.1)</text></g>

        """
    }.joined()
  }

  /// Where values lie on the page.
  private struct Frame {
    let xs: [Double]
    let yTicks: [Double]
    private let limits: ClosedRange<Double>

    init(xs: [Double], ys: [Double], limits: ClosedRange<Double>) {
      self.xs = Set(xs).sorted()
      let finite = ys.filter(\.isFinite)
      let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
      let step = [1, 2, 5, 10, 20, 25, 50, 100].first { (high - low) / $0 <= 6 } ?? 100
      let first = (max(low, limits.lowerBound) / step).rounded(.down) * step
      let last = (min(high, limits.upperBound) / step).rounded(.up) * step
      self.limits = first...max(last, first + step)
      yTicks = Array(stride(from: first, through: self.limits.upperBound, by: step))
    }

    func x(_ value: Double) -> Double {
      guard let low = xs.first, let high = xs.last, high > low else {
        return (CurveChart.left + CurveChart.width - CurveChart.right) / 2
      }
      let room = CurveChart.width - CurveChart.right - CurveChart.left - 24
      return CurveChart.left + 12 + room * (value - low) / (high - low)
    }

    /// Within the frame: a deviation may reach beyond what the quantity can.
    func y(_ value: Double) -> Double {
      let inside = min(max(value, limits.lowerBound), limits.upperBound)
      let share = (inside - limits.lowerBound) / (limits.upperBound - limits.lowerBound)
      return CurveChart.height - CurveChart.bottom
        - (CurveChart.height - CurveChart.bottom - CurveChart.top) * share
    }
  }
}
