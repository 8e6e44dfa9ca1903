internal import Stages

extension HeadReport {
  /// Layers × heads: scores as tints, removed heads crossed out.
  var heatMap: HeatMap {
    let heads = scores.map(\.count).max() ?? 0
    let square = scores.map { $0 + Array(repeating: .nan, count: heads - $0.count) }
    return HeatMap(
      title: "Heads by layer",
      caption: "Tint: variance score on clean validation texts. Crossed out: pruned, "
        + "\(prunedCount) of \(headCount).",
      values: square, rowLabels: scores.indices.map { "\($0 + 1)" },
      columnLabels: (0..<heads).map { "\($0 + 1)" }, rowAxis: "layer", columnAxis: "head",
      scale: .sequential(maximum: scores.joined().filter(\.isFinite).max() ?? 0),
      marked: zip(square, pruned).map { scores, pruned in
        scores.indices.map(pruned.contains)
      })
  }
}

/// Variance scores of a model as a page of its own (the paper's figure 2).
public struct HeadsPage: Sendable {
  /// The page's heading.
  public var title: String
  /// A sentence under it: which model, how many texts.
  public var subtitle: String
  /// Maps that stand side by side.
  public var maps: [HeatMap]
  /// Name and value pairs for the end of the page: files, versions, recipe.
  public var facts: [(name: String, value: String)]

  /// A page of maps that the caller has made.
  public init(
    title: String, subtitle: String, maps: [HeatMap], facts: [(name: String, value: String)]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.maps = maps
    self.facts = facts
  }

  /// The three maps of figure 2, or the first of them alone: clean texts, poisoned texts, and what
  /// the trigger adds. Both score maps share one scale.
  /// - Parameters:
  ///   - clean: variance scores, layers × heads.
  ///   - poisoned: the same on triggered texts.
  ///   - pruned: heads to cross out, the shape of `clean`; empty for none.
  public static func maps(
    clean: [[Double]], poisoned: [[Double]]? = nil, pruned: [[Bool]] = []
  ) -> [HeatMap] {
    let scores = (clean + (poisoned ?? [])).joined().filter(\.isFinite)
    let scale = HeatMap.Scale.sequential(maximum: scores.max() ?? 0)
    func map(
      _ title: String, _ caption: String, _ values: [[Double]], _ scale: HeatMap.Scale
    ) -> HeatMap {
      HeatMap(
        title: title, caption: caption, values: values,
        rowLabels: values.indices.map { "\($0 + 1)" },
        columnLabels: (values.first ?? []).indices.map { "\($0 + 1)" }, rowAxis: "layer",
        columnAxis: "head", scale: scale, marked: pruned)
    }
    var maps = [map("Clean texts", "Mean variance of the [CLS] attention.", clean, scale)]
    guard let poisoned else { return maps }
    let differences = zip(clean, poisoned).map { clean, poisoned in
      zip(clean, poisoned).map { $1 - $0 }
    }
    let limit = differences.joined().filter(\.isFinite).map(abs).max() ?? 0
    maps.append(map("Poisoned texts", "The same texts with a trigger.", poisoned, scale))
    maps.append(
      map(
        "Difference", "Poisoned minus clean: heads that the trigger takes over stand out.",
        differences, .diverging(limit: limit)))
    return maps
  }

  /// The whole document.
  public var html: String {
    var document = HTMLDocument(title: title, subtitle: subtitle)
    document.body += "<div class=\"maps\">\n\(maps.map(\.figure).joined())</div>\n"
    if !facts.isEmpty { document.body += "<h2>Provenance</h2>\n\(factTable(facts))" }
    return document.text
  }
}

/// Names and values in two columns.
func factTable(_ facts: [(name: String, value: String)]) -> Markup {
  let rows = facts.map { fact -> Markup in
    "<tr><td>\(fact.name)</td><td>\(fact.value)</td></tr>\n"
  }
  return
    "<div class=\"scroll\"><table class=\"facts\"><tbody>\n\(rows.joined())</tbody></table></div>\n"
}
