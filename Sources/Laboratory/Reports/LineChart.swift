/// One quantity over the epochs of a run.
struct LineChart {
  var title: String
  /// The CSS class that colours the line: "loss" or "validation".
  var tint: Markup
  /// One value an epoch; epochs count from 1.
  var values: [Double]
  /// How a value is written at its point.
  var digits: Int

  var figure: Markup {
    let (width, height, left, right, top, bottom) = (300.0, 150.0, 16.0, 28.0, 22.0, 24.0)
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return "" }
    let span = max(high - low, abs(high) * 0.01, 1e-9)
    func x(_ index: Int) -> Double {
      let share = values.count < 2 ? 0.5 : Double(index) / Double(values.count - 1)
      return left + (width - left - right) * share
    }
    func y(_ value: Double) -> Double {
      height - bottom - (height - top - bottom) * (value - low) / span
    }
    var body: Markup =
      "<line class=\"grid\" x1=\"\(left)\" x2=\"\(width - right)\" y1=\"\(height - bottom + 8)\" y2=\"\(height - bottom + 8)\"/>\n"
    var path: Markup = ""
    for (index, value) in values.enumerated() {
      body +=
        "<text class=\"tick\" x=\"\(x(index))\" y=\"\(height - 3)\" text-anchor=\"middle\">\(index + 1)</text>"
      guard value.isFinite else { continue }
      path += "\(path == "" ? "M" : "L" as Markup)\(x(index)) \(y(value))"
      body += """
        <circle class="\(tint)-dot" cx="\(x(index))" cy="\(y(value))" r="2.6"/>\
        <text class="tick" x="\(x(index))" y="\(y(value) - 7)" text-anchor="middle">\
        \(fixed(value, digits))</text>

        """
    }
    return """
      <figure><figcaption>\(title)</figcaption>
      <svg viewBox="0 0 \(width) \(height)" style="max-width:26rem" role="img" aria-label="\(title)">
      <path class="\(tint)" d="\(path)"/>
      \(body)</svg></figure>

      """
  }
}
