import Files

/// What files of results say apart from times, in which no two runs agree.
enum Timeless {
  /// Of hashes those go along that are of times too.
  private static let omitted = [
    "seconds", "dataSeconds", "tokensPerSecond", "date", "seal", "files", "earlierFault",
    "timestamp", "serialNumber", "content",
  ]

  /// What two files have in common whose runs came to the same.
  static func text(of bytes: [UInt8], named file: String) throws -> String {
    if file.hasSuffix(".jsonl") { return try newest(bytes) }
    if file.hasSuffix(".json") {
      return timeless(try JSONValue(parsing: bytes, file: file)).text(.canonical)
    }
    // A sweep's report tells when it was made, and its tables how long the work took.
    if file.hasSuffix("report.html") { return "" }
    if file.contains("tables.") { return withoutNumbers(bytes) }
    return SHA256.hex(of: bytes)
  }

  private static func timeless(_ value: JSONValue) -> JSONValue {
    if let array = value.array { return .array(array.map(timeless)) }
    guard let object = value.object else { return value }
    return .object(
      JSONObject(
        object.members.filter { !omitted.contains($0.key) }.map { ($0.key, timeless($0.value)) }))
  }

  /// The last record of each cell; a line that was cut off is none.
  private static func newest(_ bytes: [UInt8]) throws -> String {
    var records = JSONObject()
    for line in bytes.split(separator: 0x0A) {
      guard let record = try? JSONValue(parsing: Array(line)) else { continue }
      records[record["cell"]?.string ?? ""] = timeless(record)
    }
    return JSONValue.object(records).text(.canonical)
  }

  private static func withoutNumbers(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
      .replacing(/[0-9.]+( (h|min|s)( [0-9]+ (min|s))?)?/, with: "0")
  }
}
