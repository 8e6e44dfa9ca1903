public import Files

/// The records of a sweep: a file of JSON lines that only grows, so that several sweeps may add to
/// it at once. A line that an interruption cut off is passed over, whatever was added after it; its
/// cell is recorded again from the artifacts.
public struct RecordFile: Sendable {
  /// Where it is; it need not exist yet.
  public let path: String

  /// The file at `path`.
  public init(_ path: String) { self.path = path }

  /// All records in the order in which they were added.
  ///
  /// - Parameter note: told of each line that was cut off, at every reading.
  /// - Throws: `InputError` that names the line of a damaged record.
  public func records(noting note: (String) -> Void = { _ in }) throws(InputError) -> [RunRecord] {
    guard Path.exists(path) else { return [] }
    var records: [RunRecord] = []
    let lines = try ByteFile.contents(of: path).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      do {
        records.append(
          try RunRecord(JSONNode(JSONValue(parsing: Array(line), file: path), file: path)))
      } catch {
        if JSONValue.isCutOff(line) {
          let cut = InputError(
            file: path, place: .line(index + 1),
            problem: "was cut off while it was written, and is passed over",
            remedy: "its cell is recorded again")
          note("\(cut)")
          continue
        }
        throw InputError(
          error.kind, file: path, place: .line(index + 1),
          problem: [error.place?.description, error.problem].compactMap { $0 }
            .joined(separator: " "),
          remedy: "remove the line or use another output folder")
      }
    }
    return records
  }

  /// Adds a record at the end.
  /// - Throws: `InputError` when the file cannot be written.
  public func append(_ record: RunRecord) throws(InputError) {
    // On another host the end of the file would be what it was a while ago.
    let place = try Place(whenFree: path)
    try withExtendedLifetime(place) { () throws(InputError) in
      try AppendingFile(path).append(record.json.serialized())
    }
  }
}
