internal import Files
internal import Stages

extension PlanFigure {
  /// A sheet of heat maps for each model that was read; those that were not are left out.
  ///
  /// - Parameter newest: records by cell.
  static func readings(
    _ figure: Plan.Figure, _ cells: [Cell], _ newest: [String: RunRecord]
  ) -> [(name: String, picture: any Picture)] {
    cells.enumerated().compactMap { index, cell in
      guard let record = newest[cell.id], let maps = maps(figure.content, of: record) else {
        return nil
      }
      return (
        cells.count > 1 ? "\(figure.id)-\(index + 1)" : figure.id,
        HeatMapSheet(
          title: "\(title(cell, among: cells)), \(cell.defense.title), seed \(cell.seed)",
          maps: maps)
      )
    }
  }

  private static func maps(_ content: Plan.Figure.Content, of record: RunRecord) -> [HeatMap]? {
    switch content {
    case .curves, .scan: nil
    case .heads: record.contrast.map { HeatMap.scores(clean: $0.clean, poisoned: $0.triggered) }
    case .attention(let text, _): record.attention(in: text).map(HeatMap.attention)
    }
  }
}

extension RunRecord {
  /// Scores with and without a trigger; nil where none were made.
  var contrast: HeadContrast? {
    findings(of: HeadContrastStage.kind).lazy.compactMap { try? HeadContrast($0) }.last
  }

  /// What [CLS] attends to in a text, and in the same with a trigger; nil where it was not read.
  func attention(in text: String) -> [AttentionReading]? {
    findings(of: AttentionStage.kind).lazy.compactMap { node in
      try? node.elements().map { reading throws(InputError) in try AttentionReading(reading) }
    }.last { $0.first?.text == text }
  }

  /// What no version of this program has written is passed over.
  private func findings(of kind: String) -> [JSONNode] {
    stages.filter { $0.kind == kind }.compactMap { stage in
      stage.findings[kind].map { JSONNode($0, file: "records.jsonl") }
    }
  }
}
