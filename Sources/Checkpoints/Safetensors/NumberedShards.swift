import Files

/// Shards whose index is missing: `model-00001-of-00003.safetensors` and so on say themselves
/// whether all are there.
struct NumberedShards {
  /// All of them, in their order.
  let paths: [String]

  /// Looks for them; nil where there are none.
  ///
  /// - Throws: `InputError` that names one that is missing, or two that do not belong together.
  init?(in directory: String) throws(InputError) {
    var found: [Int: String] = [:]
    var first: (name: String, total: Int)?
    for name in try Path.names(in: directory) {
      guard let (number, total) = Self.numbers(in: name) else { continue }
      guard total == first?.total ?? total, found.updateValue(name, forKey: number) == nil else {
        throw InputError(
          file: directory, problem: "has \(first?.name ?? name) and \(name) of two sets of shards",
          remedy: "leave those of one model there")
      }
      if first == nil { first = (name, total) }
    }
    guard let first else { return nil }
    guard let missing = (1...first.total).first(where: { found[$0] == nil }) else {
      paths = (1...first.total).compactMap { found[$0] }.map { Path.join(directory, $0) }
      return
    }
    throw InputError(
      file: directory,
      problem: "has \(found.count) of \(first.total) shards, and no model.safetensors.index.json; "
        + "number \(missing) is missing beside \(first.name)",
      remedy: "get what is missing from where the other files came from")
  }

  /// The 1 and the 3 of `model-00001-of-00003.safetensors`.
  private static func numbers(in name: String) -> (number: Int, total: Int)? {
    guard name.hasPrefix("model-"), name.hasSuffix(".safetensors") else { return nil }
    let parts = name.dropFirst("model-".count).dropLast(".safetensors".count)
      .split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1] == "of", let number = Int(parts[0]), let total = Int(parts[2]),
      (1...1000).contains(total), (1...total).contains(number)
    else { return nil }
    return (number, total)
  }
}
