extension ResultTable {
  /// What the table says, generated from its numbers: where its subject is best, how far ours and
  /// the published values agree, and what chance would do as well.
  var findings: [String] {
    PublicationTable(self).findings(on: subject)
      + (subject.map { subject in
        rows.map(\.model).distinct.compactMap {
          Significance(of: subject, on: $0, in: self)?.sentence
        }
      } ?? [])
  }

  /// The table for `\\input`, with what its words mean as comments.
  var latex: String {
    let notes = (findings + legend).map { note in
      "% " + PublicationTable.escaped(note.replacing("\n", with: " ")) + "\n"
    }
    return notes.joined()
      + PublicationTable(self).latex(caption: table.title, label: "tab:\(table.id)")
  }
}
