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
    // LaTeX numbers tables itself.
    let caption = table.title.replacing(#/^Table [0-9]+: /#, with: "")
    return notes.joined()
      + PublicationTable(self).latex(caption: caption, label: "tab:\(table.id)")
  }
}
