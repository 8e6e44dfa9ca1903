internal import Files

extension PublicationTable {
  /// A `table*` for `\input`, which needs `booktabs` alone: means with their deviations as
  /// subscripts, the best of a scenario in bold, published values in a smaller line below.
  ///
  /// - Parameters:
  ///   - caption: plain text; what LaTeX would act on is escaped.
  ///   - label: the name for `\ref`.
  func latex(caption: String, label: String) -> String {
    let models = groups.map(\.model).distinct
    var lines = [
      "\\begin{table*}", "\\centering", "\\small",
      "\\caption{\(Self.escaped(caption))}", "\\label{\(label)}",
      "\\begin{tabular}{lll\(String(repeating: "r", count: columns.count))}", "\\toprule",
    ]
    var head = " & & "
    var rules = ""
    var first = 4
    for scenario in scenarios {
      head += "& \\multicolumn{\(scenario.columnCount)}{c}{\(Self.escaped(scenario.title))} "
      rules += "\\cmidrule(lr){\(first)-\(first + scenario.columnCount - 1)}"
      first += scenario.columnCount
    }
    lines += [head + "\\\\", rules]
    lines.append(
      "Model & Attack & & " + columns.map { Self.escaped($0.defense) }.joined(separator: " & ")
        + " \\\\")
    for model in models {
      lines.append("\\midrule")
      for (index, group) in groups.filter({ $0.model == model }).enumerated() {
        for (place, line) in group.lines.enumerated() {
          let names = [
            index == 0 && place == 0 ? Self.escaped(model) : "",
            place == 0 ? Self.escaped(group.attack) : "", line.metric.title,
          ]
          lines.append(
            (names + line.cells.map { Self.cell($0, line.metric) }).joined(separator: " & ")
              + " \\\\")
          guard line.cells.contains(where: { $0?.published != nil }) else { continue }
          let published = line.cells.map { cell in
            (cell?.published).map { "\\scriptsize \(Self.number($0.mean, $0.deviation, 2))" } ?? ""
          }
          lines.append(
            (["", "", "\\scriptsize paper"] + published).joined(separator: " & ") + " \\\\")
        }
      }
    }
    lines += ["\\bottomrule", "\\end{tabular}", "\\end{table*}"]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func cell(_ cell: Cell?, _ metric: Metric) -> String {
    guard let cell else { return "" }
    guard let own = cell.own else { return cell.hasFailed ? "failed" : "--" }
    return number(own.mean, own.deviation, metric.digits, isBold: cell.isBest)
  }

  private static func number(
    _ mean: Double, _ deviation: Double?, _ digits: Int, isBold: Bool = false
  ) -> String {
    let value = fixed(mean, digits).replacing("−", with: "-")
    let subscript_ = deviation.map { "_{\(fixed($0, digits))}" } ?? ""
    return isBold ? "$\\mathbf{\(value)}\(subscript_)$" : "$\(value)\(subscript_)$"
  }

  /// Text that LaTeX prints as it stands.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in Terminal.sanitized(text).unicodeScalars {
      switch scalar {
      case "\\": result += "\\textbackslash{}"
      case "~": result += "\\textasciitilde{}"
      case "^": result += "\\textasciicircum{}"
      case "&", "%", "$", "#", "_", "{", "}": result += "\\\(scalar)"
      case "→": result += "$\\rightarrow$"
      case "±": result += "$\\pm$"
      case "λ": result += "$\\lambda$"
      case "µ", "μ": result += "$\\mu$"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
