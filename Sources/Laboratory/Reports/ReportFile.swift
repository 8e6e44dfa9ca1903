public import Files

/// Where a page, a table or a picture of results goes. It takes the place of an earlier one of this
/// program and of nothing else: a slip of the hand must not cost anybody a file.
public final class ReportFile {
  private let place: Place

  /// Takes the place before any work.
  ///
  /// - Parameter waits: until another run that writes it has ended.
  /// - Throws: `InputError` if something else is there, or nothing can be, or another run writes
  ///   it.
  public init(_ path: String, waits: Bool = false) throws(InputError) {
    place = try waits ? Place(whenFree: path) : Place(path)
    // What is begun and dropped leaves nothing behind.
    _ = try begin()
  }

  /// Writes the file.
  ///
  /// - Throws: `InputError` if something else is there by now, or the disk refuses.
  public func write(_ text: String) throws(InputError) {
    let file = try begin()
    try file.write(text)
    try place.requireHeld()
    try file.commit()
  }

  private func begin() throws(InputError) -> AtomicFile {
    let file = try AtomicFile(place.path)
    guard Path.exists(place.path) else { return file }
    let earlier = try ByteFile(place.path)
    let beginning = try earlier.read(at: 0, count: min(earlier.size, 4096))
    guard
      beginning.contains(Array(Self.mark.utf8))
        || Self.firstWords.contains(where: { beginning.starts(with: $0.utf8) })
    else {
      throw InputError(
        .usage, file: place.path, problem: "exists and was not written by this program",
        remedy: "choose another place, or delete it")
    }
    return file
  }

  /// In a comment at the beginning of files whose format has some, or where it has room for it.
  public static let mark = "generator: pure"

  /// With one of these begins whatever has no comment.
  private static let firstWords = [
    HTMLDocument.beginning, CurveChart.commaSeparatedNames,
    HeatMapSheet.commaSeparatedNames, ScoreChart.commaSeparatedNames,
    ResultTable.commaSeparatedNames.prefix(5).joined(separator: ","), "| Defence | ACC % |",
    "| Model | Attack | Scenario |",
  ]
}
