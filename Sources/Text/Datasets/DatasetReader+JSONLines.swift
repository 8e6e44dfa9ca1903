import Files

extension DatasetReader {
  /// One JSON object a line with a text and a label: a string, a number or a truth value.
  mutating func readJSONLines(_ bytes: [UInt8]) throws(InputError) {
    var number = 0
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      let object: JSONObject
      do {
        object = try JSONNode(JSONValue(parsing: Array(line)), file: path).object()
      } catch {
        throw self.error(
          number, "is not one JSON object (\(error.problem))",
          remedy: "write one object a line")
      }
      let textKeys = options.textColumn.map { [$0] } ?? ColumnMap.textNames
      guard let text = textKeys.lazy.compactMap({ object[$0]?.string }).first else {
        throw error(
          number, "has no text under \(textKeys.joined(separator: ", "))",
          remedy: "add one or name its key with \(options.textColumnOption)")
      }
      // Others would be bytes of the file, which `TextFile` has looked through.
      if text.utf8.contains(0) {
        throw error(number, "holds a NUL character", remedy: "remove it")
      }
      try append(text, label: label(in: object, line: number), line: number)
    }
  }

  private func label(in object: JSONObject, line: Int) throws(InputError) -> String? {
    let keys = options.labelColumn.map { [$0] } ?? ColumnMap.labelNames
    guard let value = keys.lazy.compactMap({ object[$0] }).first(where: { !$0.isNull }) else {
      return nil
    }
    switch value {
    case .string(let name): return name
    case .number(let number): return number.text
    case .bool(let isTrue): return String(isTrue)
    default:
      throw error(
        line, "has \(value.kindName) as its label",
        remedy: "write \(options.labels.expectation)")
    }
  }
}
