extension PublicationTable {
  /// What came out here beside what was published, counted: a sentence for each thing there is to
  /// count, and no others.
  ///
  /// - Parameter subject: the defence that the paper is about.
  func findings(on subject: String?) -> [String] {
    var findings: [String] = []
    if let subject, let sentence = wins(of: subject) { findings.append(sentence) }
    let agreements = groups.flatMap(\.lines).map { line in
      (
        line.metric.title,
        line.cells.compactMap { $0?.agreement?.isWithinLimit }
      )
    }
    let all = agreements.flatMap(\.1)
    guard !all.isEmpty else { return findings }
    let byMetric = agreements.map(\.0).distinct.map { metric in
      let some = agreements.filter { $0.0 == metric }.flatMap(\.1)
      return "\(metric) \(some.count { $0 }) of \(some.count)"
    }
    findings.append(
      "\(all.count { $0 }) of \(all.count) published values lie within two pooled deviations of "
        + "ours (\(byMetric.joined(separator: ", "))).")
    return findings
  }

  /// In how many scenarios of an attack the subject has the lowest LFR, here and in the paper.
  private func wins(of subject: String) -> String? {
    var (ours, theirs) = ([Bool](), [Bool]())
    for line in groups.flatMap(\.lines) where line.metric == .labelFlipRate {
      for scenario in columns.map(\.scenario).distinct {
        let contest = columns.indices.filter { columns[$0].scenario == scenario }
          .compactMap { place in line.cells[place].map { (columns[place].defense, $0) } }
        func wins(_ value: (Cell) -> Double?) -> Bool? {
          let values = contest.compactMap { name, cell in value(cell).map { (name, $0) } }
          guard values.count > 1, values.count == contest.count,
            let own = values.first(where: { $0.0 == subject })?.1
          else { return nil }
          return values.allSatisfy { own <= $0.1 }
        }
        if let won = wins({ $0.own?.mean }) { ours.append(won) }
        if let won = wins({ $0.published?.mean }) { theirs.append(won) }
      }
    }
    func text(_ wins: [Bool]) -> String { "\(wins.count { $0 }) of \(wins.count)" }
    guard !ours.isEmpty else {
      return theirs.isEmpty
        ? nil : "Published: \(subject) has the lowest LFR in \(text(theirs)) comparisons."
    }
    let published = theirs.isEmpty ? "" : "; published: in \(text(theirs))"
    return "\(subject) has the lowest LFR in \(text(ours)) comparisons\(published)."
  }
}
