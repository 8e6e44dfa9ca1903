/// Heat maps that belong together, side by side.
public struct HeatMapSheet: Sendable, Picture {
  /// What stands above them where they are a file of their own.
  public var title: String
  /// From left to right.
  public var maps: [HeatMap]

  /// Maps under a title.
  public init(title: String, maps: [HeatMap]) {
    self.title = title
    self.maps = maps
  }

  var figure: Markup {
    "<div class=\"maps\">\n\(maps.map { $0.figure(withTable: true) }.joined())</div>\n"
  }

  /// A whole SVG file.
  public var svg: String {
    var drawing: Markup = ""
    var x = 8.0
    for map in maps {
      drawing += """
        <text x="\(x + 22)" y="38" font-weight="bold">\(map.title)</text>
        <svg x="\(x)" y="46" width="\(map.size.width)" height="\(map.size.height)">
        \(map.drawing)</svg>

        """
      x += map.size.width + 24
    }
    let heading: Markup = "<text x=\"8\" y=\"18\">\(title)</text>\n"
    let height = 54 + (maps.map(\.size.height).max() ?? 0)
    return Self.svgFile(
      title, width: x, height: height, styles: Self.styles, heading + drawing)
  }

  /// One line a square: the map's title, row, column, value.
  public var csv: String {
    Self.commaSeparatedNames + "\n"
      + maps.flatMap { map in
        map.values.enumerated().flatMap { row, line in
          line.enumerated().map { column, value in
            [map.title, map.rowLabels[row], map.columnLabels[column]].map(csvText)
              .joined(separator: ",") + "," + csvNumber(value) + "\n"
          }
        }
      }.joined()
  }

  static let commaSeparatedNames = "map,row,column,value"

  /// As of a light page.
  private static let styles: Markup = """
    .base { fill: #f1ede5; } .heat { fill: #b4502f; } .cold { fill: #2f6690; }
    .gap { stroke: #ffffff; stroke-width: 2; fill: none; } .missing { fill: none; stroke: #b9b3aa; }
    .cross { stroke: #23211e; stroke-width: 1.4; stroke-opacity: .75; fill: none; }

    """
}
