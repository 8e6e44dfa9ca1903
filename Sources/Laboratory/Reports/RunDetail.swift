internal import Files
internal import Stages
internal import Tensors
internal import Training

/// One run in the report: folded to a line, opened to everything that its record holds but the
/// settings, which all seeds have in common.
struct RunDetail {
  private let row: ResultTable.Row
  private let record: RunRecord
  private let hasOwnSettings: Bool

  /// All runs of an experiment, with their settings.
  static func all(of entry: ResultTable.Entry, in row: ResultTable.Row) -> Markup {
    guard let target = entry.target, let first = entry.records.first else { return "" }
    let runs = entry.records.map { record in
      RunDetail(
        row: row, record: record, hasOwnSettings: record.configuration != first.configuration
      ).markup
    }
    return """
      <div class="runs" id="\(target)">
      \(runs.joined())<details><summary><b>\(entry.group)</b><span>settings</span></summary>
      <div class="detail">\(settings(of: first))</div></details></div>

      """
  }

  private var markup: Markup {
    switch record.result {
    case .failed(let problem):
      return """
        <details><summary><b>\(record.cellID)</b>\(remark)<span class="failed">failed</span></summary>
        <div class="detail"><p>\(problem)</p>\(facts)\(ownSettings)</div></details>

        """
    case .finished(let evaluation, let heads, let epochs):
      var figures: Markup = ""
      if let heads { figures += heads.heatMap.figure(withTable: true) }
      figures += curves(epochs)
      if figures != "" { figures = "<div class=\"maps\">\n\(figures)</div>\n" }
      return """
        <details><summary><b>\(record.cellID)</b>\(remark)<span>ACC \(share(evaluation.accuracy))</span>\
        <span>LFR \(share(evaluation.labelFlipRate))</span>\(excess)</summary>
        <div class="detail">\(figures)
        <div class="charts">
        \(confusion("Clean texts", evaluation.clean.counts))\
        \(confusion("Triggered texts", evaluation.triggered.counts))</div>
        <h3>Stages</h3>
        \(stages)\(facts)\(ownSettings)</div></details>

        """
    }
  }

  private var excess: Markup {
    row.floor?.excess(of: record).map { "<span>excess LFR \(percent($0))</span>" } ?? ""
  }

  /// What the attack's results are marked with.
  private var remark: Markup {
    record.remark.map { "<span>\($0)</span>" } ?? ""
  }

  private func share(_ value: Double?) -> String { value.map(percent) ?? "–" }

  private func curves(_ epochs: [EpochSummary]) -> Markup {
    guard !epochs.isEmpty else { return "" }
    let loss = LineChart(
      title: "Loss by epoch", tint: "loss", values: epochs.map(\.loss), digits: 3)
    let accuracies = epochs.map { ($0.validationAccuracy ?? .nan) * 100 }
    let validation = LineChart(
      title: "Validation accuracy by epoch, %", tint: "validation", values: accuracies, digits: 1)
    return loss.figure + validation.figure
  }

  private func confusion(_ title: String, _ matrix: [[Int]]) -> Markup {
    var grid = Grid(
      columns: [.text("true \\ predicted")] + matrix.indices.map { .number("\($0)") })
    grid.sections = [
      .init(rows: matrix.enumerated().map { ["\($0.offset)"] + $0.element.map(grouped) })
    ]
    return "<div><h3>\(title)</h3>\(grid.table)</div>\n"
  }

  private var stages: Markup {
    let isRemarkable = record.stages.contains { !$0.remarks.isEmpty }
    let remarks: [Grid.Column] = isRemarkable ? [.text("Remarks")] : []
    let rows = record.stages.map { stage in
      [
        stage.kind, duration(stage.seconds),
        "\(stage.kind)-\(stage.key.prefix(16))",
      ] + (isRemarkable ? [stage.remarks] : [])
    }
    return Grid(
      columns: [.text("Stage"), .number("Time"), .text("Artifact")] + remarks,
      sections: [.init(rows: rows)]
    ).table
  }

  /// Where and when it was measured.
  private var facts: Markup {
    let place = record.environment
    return factTable([
      (
        "Device",
        "\(place.device), threads: \(place.threads), \(place.precision.rawValue), "
          + place.libraries.joined(separator: ", ")
      ), ("Version", place.version), ("Key", record.key),
      ("Plan", "\(record.planName) \(record.planHash.prefix(16))"), ("Date", record.date),
    ])
  }

  /// Those of another run do not say what they were.
  private var ownSettings: Markup { hasOwnSettings ? Self.settings(of: record) : "" }

  /// The record's configuration, nested names joined by dots.
  private static func settings(of record: RunRecord) -> Markup {
    var facts: [(name: String, value: String)] = []
    func add(_ value: JSONValue, _ name: String) {
      if let object = value.object {
        for member in object.members {
          add(member.value, name.isEmpty ? member.key : "\(name).\(member.key)")
        }
      } else {
        facts.append((name, value.isNull ? "–" : value.string ?? value.text()))
      }
    }
    add(record.configuration, "")
    return factTable(facts)
  }
}

extension RunRecord.StageTrace {
  /// What was not as it should be.
  fileprivate var remarks: String {
    var remarks: [String] = []
    if batchParts > 1 {
      remarks.append("for want of memory, batches in up to \(batchParts) parts")
    }
    if let earlierFault { remarks.append("second attempt: \(earlierFault)") }
    return remarks.joined(separator: "; ")
  }
}
