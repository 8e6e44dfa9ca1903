import Files

/// A state as an input: what is read of the container is tried apart, and damage behind hashes and
/// a seal that hold is what an attacker would send.
extension TrainingStateTarget {
  private static let names = ["tensors", "metadata", "report", "values"]

  /// A saved state as it is, and with hashes and a seal that are made when it is read.
  static func inputs(_ state: [UInt8]) throws(InputError) -> [[UInt8]] {
    let size = state[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    var tensors = try JSONValue(parsing: Array(state[8..<8 + size])).object ?? JSONObject()
    var metadata = tensors["__metadata__"]?.object ?? JSONObject()
    tensors["__metadata__"] = nil
    let report = Array((metadata["report"]?.string ?? "").utf8)
    return [true, false].map { isSealed in
      if !isSealed {
        metadata = JSONObject(
          metadata.members.filter { $0.key != "seal" && !$0.key.hasPrefix("sha256.") }
            .map { ($0.key, $0.value) })
      }
      let parts = [
        JSONValue.object(tensors).serialized(), JSONValue.object(metadata).serialized(), report,
        Array(state[(8 + size)...]),
      ]
      return FuzzArchive.packed(Array(zip(names, parts)))
    }
  }

  /// The state that an input stands for.
  static func state(_ input: [UInt8]) -> [UInt8] {
    let parts = FuzzArchive.files(input, named: names)
    func part(_ name: String) -> [UInt8] { parts.first { $0.name == name }?.bytes ?? [] }
    let values = part("values")
    var header = part("tensors")
    if var tensors = try? JSONValue(parsing: header).object,
      var metadata = try? JSONValue(parsing: part("metadata")).object
    {
      metadata["report"] = .string(String(decoding: part("report"), as: UTF8.self))
      if metadata["seal"] == nil { seal(&metadata, tensors, values) }
      tensors["__metadata__"] = .object(metadata)
      header = JSONValue.object(tensors).serialized()
    }
    return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header + values
  }

  private static func seal(
    _ metadata: inout JSONObject, _ tensors: JSONObject, _ values: [UInt8]
  ) {
    for tensor in tensors.members {
      let offsets = tensor.value["data_offsets"]?.array?.compactMap(\.int) ?? []
      guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1],
        offsets[1] <= values.count
      else { continue }
      metadata["sha256." + tensor.key] = .string(
        SHA256.hex(of: Array(values[offsets[0]..<offsets[1]])))
    }
    metadata["seal"] = .string(SHA256.hex(of: JSONValue.object(metadata).serialized(.canonical)))
  }
}
