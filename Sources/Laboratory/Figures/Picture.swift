/// Results as something to look at: in a page, as a file of its own, and as the numbers behind it.
protocol Picture: Sendable {
  /// In a page, with its numbers as a table for who cannot see it.
  var figure: Markup { get }
  /// A whole SVG file.
  var svg: String { get }
  /// What matters of the numbers, for texts.
  var grid: Grid { get }
  /// The numbers for programs (RFC 4180).
  var csv: String { get }
}

extension Picture {
  /// A whole SVG file around what is drawn.
  ///
  /// - Parameter styles: of the classes that the drawing has besides those of all pictures.
  static func svgFile(
    _ title: String, width: Double, height: Double, styles: Markup, _ drawing: Markup
  ) -> String {
    let picture: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" role="img" \
      aria-label="\(title)">
      <style>
      svg { background: #ffffff; color: #23211e; }
      text { font: 11px system-ui, sans-serif; fill: #23211e; }
      .tick, .axis, .ticks text { fill: #6d6862; font-size: 10px; }
      .grid { stroke: #e6e1d8; stroke-width: 1; }
      \(styles)</style>
      <title>\(title)</title>
      \(drawing)</svg>

      """
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- \(ReportFile.mark) -->\n"
      + picture.text
  }
}
