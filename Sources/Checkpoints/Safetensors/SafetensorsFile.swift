public import Files

/// One safetensors file open for reading: its table is checked, its data read on demand.
public final class SafetensorsFile: Sendable {
  /// What a file says about a tensor.
  public struct Description: Sendable, Equatable {
    /// The name.
    public let name: String
    /// The element type as the header spells it, such as `F32`.
    public let type: String
    /// The extents, outermost first.
    public let shape: [Int]
  }

  /// The texts that the file carries besides its tensors.
  public let metadata: JSONObject
  /// All tensors in the order of the header.
  public let tensors: [Description]
  private let file: ByteFile
  private let entries: [String: SafetensorsHeader.Entry]

  /// Opens a file and checks its header against its size; no data is read yet.
  ///
  /// - Throws: `InputError` that names the tensor and the fault.
  public init(_ path: String) throws(InputError) {
    file = try ByteFile(path)
    let header = try SafetensorsHeader.read(from: file)
    metadata = header.metadata
    tensors = header.entries.map { Description(name: $0.name, type: $0.type, shape: $0.shape) }
    entries = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.name, $0) })
  }

  /// The path as the caller wrote it.
  public var path: String { file.path }

  /// What the file says about the tensor of this name, if it has one.
  public func description(of name: String) -> Description? {
    entries[name].map { Description(name: $0.name, type: $0.type, shape: $0.shape) }
  }

  /// Reads a tensor stored as F32, F16 or BF16.
  ///
  /// - Throws: `InputError` if there is none of that name, its type is another, or it has a number
  ///   that is not finite.
  public func tensor(_ name: String) throws(InputError) -> HostTensor {
    let entry = try entry(name)
    let values = try floats(entry)
    if HalfPrecision.containsNonFinite(values) {
      throw refusal(name, "has NaN or infinite weights", "use a checkpoint from before it diverged")
    }
    return HostTensor(shape: entry.shape, values: values)
  }

  /// Reads a tensor of integers stored as I64, I32 or U8.
  ///
  /// - Throws: `InputError` if there is none of that name or its type is another.
  public func integers(_ name: String) throws(InputError) -> [Int] {
    let entry = try entry(name)
    let start = entry.range.lowerBound
    switch entry.type {
    case "I64": return try file.read(at: start, count: entry.count, as: Int64.self).map(Int.init)
    case "I32": return try file.read(at: start, count: entry.count, as: Int32.self).map(Int.init)
    case "U8": return try file.read(at: start, count: entry.count).map(Int.init)
    default: throw refusal(name, "is of type \(entry.type)", "integers must be I64, I32 or U8")
    }
  }

  private func floats(_ entry: SafetensorsHeader.Entry) throws(InputError) -> [Float] {
    let start = entry.range.lowerBound
    switch entry.type {
    case "F32": return try file.read(at: start, count: entry.count, as: Float.self)
    case "F16": return try converted(entry, HalfPrecision.float(fromHalf:))
    case "BF16": return try converted(entry, HalfPrecision.float(fromBrain:))
    default:
      throw refusal(
        entry.name, "is of type \(entry.type)", "convert the weights to F32, F16 or BF16")
    }
  }

  @inline(__always)
  private func converted(
    _ entry: SafetensorsHeader.Entry, _ conversion: (UInt16) -> Float
  ) throws(InputError) -> [Float] {
    try file.read(at: entry.range.lowerBound, count: entry.count, as: UInt16.self).map(conversion)
  }

  private func entry(_ name: String) throws(InputError) -> SafetensorsHeader.Entry {
    guard let entry = entries[name] else {
      throw refusal(name, "is missing", "get the file again")
    }
    return entry
  }

  private func refusal(_ name: String, _ problem: String, _ remedy: String) -> InputError {
    InputError(file: path, place: .tensor(name), problem: problem, remedy: remedy)
  }
}
