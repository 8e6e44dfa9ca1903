/// Bars from left to right with error bars, one a defence, on a scale from 0 to 100 percent.
struct BarChart {
  struct Bar {
    var label: String
    /// Nothing where nothing was measured.
    var value: Summary?
    var published: Expectation.Value?
  }

  var title: String
  /// The CSS class that colours the bars: "accuracy" or "flips".
  var tint: Markup
  /// Rates 0 … 1.
  var bars: [Bar]
  /// The clean model's mean, 0 … 1, drawn as a line.
  var floor: Double?

  /// Room for the longest label, at 5.8 pixels a character.
  private var left: Double { max(78, 8 + 5.8 * Double(bars.map(\.label.label.count).max() ?? 0)) }
  private var width: Double { left + 230 + right }
  private let right = 52.0
  private let step = 30.0
  private let top = 6.0

  private func x(_ percent: Double) -> Double {
    left + (width - left - right) * min(100, max(0, percent)) / 100
  }

  var figure: Markup {
    let bottom = top + step * Double(bars.count)
    let height = bottom + (floor == nil ? 24 : 38)
    var body: Markup = ""
    for percent in [0, 25, 50, 75, 100] {
      let x = x(Double(percent))
      body += """
        <line class="grid" x1="\(x)" x2="\(x)" y1="\(top)" y2="\(bottom)"/>\
        <text class="tick" x="\(x)" y="\(bottom + 14)" text-anchor="middle">\(percent)</text>

        """
    }
    for (index, bar) in bars.enumerated() {
      body += drawing(of: bar, middle: top + step * (Double(index) + 0.5))
    }
    if let floor {
      let x = x(floor * 100)
      let isLeft = floor < 0.5
      body += """
        <line class="floor" x1="\(x)" x2="\(x)" y1="\(top)" y2="\(bottom + 18)"/>\
        <text class="floor-name" x="\(x)" y="\(bottom + 30)" \
        text-anchor="\(isLeft ? "start" : "end" as Markup)">clean model \(fixed(floor * 100, 1))</text>

        """
    }
    return """
      <figure><figcaption>\(title)</figcaption>
      <svg viewBox="0 0 \(width) \(height)" role="img" aria-label="\(title)">
      \(body)</svg></figure>

      """
  }

  private func drawing(of bar: Bar, middle: Double) -> Markup {
    var drawing: Markup =
      "<text x=\"\(left - 8)\" y=\"\(middle + 4)\" text-anchor=\"end\">\(bar.label.label)</text>\n"
    guard let value = bar.value, value.mean.isFinite else {
      return drawing
        + "<text class=\"tick\" x=\"\(left + 6)\" y=\"\(middle + 4)\">not measured</text>\n"
    }
    let mean = value.mean * 100
    let end = x(mean)
    var label = end
    drawing += """
      <rect class="\(tint)" x="\(left)" y="\(middle - 8)" width="\(max(1, end - left))" height="16" rx="2"/>

      """
    if let deviation = value.deviation {
      let (low, high) = (x(mean - deviation * 100), x(mean + deviation * 100))
      label = max(label, high)
      drawing += """
        <path class="whisker" d="M\(low) \(middle)H\(high)M\(low) \(middle - 4)v8\
        M\(high) \(middle - 4)v8"/>

        """
    }
    if let published = bar.published {
      let x = x(published.mean)
      label = max(label, x + 5)
      drawing += """
        <path class="published" d="M\(x - 4.5) \(middle)l4.5 -4.5l4.5 4.5l-4.5 4.5z">\
        <title>paper: \(published.text)</title></path>

        """
    }
    return drawing + "<text x=\"\(label + 6)\" y=\"\(middle + 4)\">\(fixed(mean, 1))</text>\n"
  }
}
