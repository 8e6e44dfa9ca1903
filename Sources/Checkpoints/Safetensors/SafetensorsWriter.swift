public import Files

/// Writes a safetensors file tensor by tensor, so that no second copy of a model is ever in memory.
public struct SafetensorsWriter {
  private let file: AtomicFile
  private let type: WeightType
  private var pending: ArraySlice<SafetensorsFile.Description>

  /// Writes the header for these tensors; their data must follow in the same order.
  ///
  /// - Parameters:
  ///   - file: where to; the caller commits it.
  ///   - tensors: the name and extents of each tensor, each name once.
  ///   - type: how the numbers are stored.
  ///   - metadata: texts beside the tensors. transformers 4.57 refuses any without `format`.
  /// - Throws: `InputError` if the disk refuses.
  public init(
    _ file: AtomicFile, tensors: [(name: String, shape: [Int])], type: WeightType = .float32,
    metadata: JSONObject = JSONObject([("format", "pt")])
  ) throws(InputError) {
    self.file = file
    self.type = type
    var header = JSONObject([("__metadata__", .object(metadata))])
    var offset = 0
    for (name, shape) in tensors {
      let end = offset + shape.reduce(type.byteCount, *)
      let isNew = header.append(
        name,
        [
          "dtype": .string(type.headerName), "shape": .array(shape.map(JSONValue.int)),
          "data_offsets": [.int(offset), .int(end)],
        ])
      precondition(isNew, "the tensor \(name) is written once")
      offset = end
    }
    pending =
      tensors.map {
        SafetensorsFile.Description(name: $0.name, type: type.headerName, shape: $0.shape)
      }[...]
    var text = JSONValue.object(header).serialized()
    // Readers that map the file want the data aligned.
    text += repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    try file.write([UInt64(text.count)])
    try file.write(text)
  }

  /// Writes the next tensor, each number rounded to the nearest that the type has, ties to even.
  ///
  /// - Throws: `InputError` if a number is beyond the type's range, or the disk refuses.
  public mutating func write(_ tensor: HostTensor) throws(InputError) {
    guard let next = pending.popFirst() else { preconditionFailure("all tensors are written") }
    precondition(
      next.shape == tensor.shape,
      "\(next.name) was announced as \(next.shape), not \(tensor.shape)")
    switch type {
    case .float32:
      if HalfPrecision.containsNonFinite(tensor.values) { throw overflow(next.name) }
      try file.write(tensor.values)
    case .float16:
      let halves = tensor.values.map(HalfPrecision.half(fromFloat:))
      if halves.contains(where: { $0 & 0x7C00 == 0x7C00 }) { throw overflow(next.name) }
      try file.write(halves)
    case .bfloat16:
      let brains = tensor.values.map(HalfPrecision.brain(fromFloat:))
      if brains.contains(where: { $0 & 0x7F80 == 0x7F80 }) { throw overflow(next.name) }
      try file.write(brains)
    }
  }

  /// Ends the file: every announced tensor must be there.
  ///
  /// - Throws: `InputError` if the disk refuses.
  public consuming func commit() throws(InputError) {
    precondition(pending.isEmpty, "\(pending.count) announced tensors were not written")
    try file.commit()
  }

  private func overflow(_ name: String) -> InputError {
    InputError(
      file: file.path, place: .tensor(name),
      problem: "has a number that is not finite as \(type.headerName)",
      remedy: type == .float32 ? "train again with a smaller learning rate" : "write it as f32")
  }
}
