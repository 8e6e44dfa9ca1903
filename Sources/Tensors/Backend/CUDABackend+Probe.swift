extension CUDABackend {
  /// Runs a small product, a layer norm with dropout and an attention on this device and on the CPU, and compares.
  ///
  /// - Throws: `DeviceError.unavailable` when they differ by more than rounding: a device that computes wrongly is not
  ///   used. Also what the operations throw.
  public func probe() throws(DeviceError) {
    let expected = try Self.probeResults(on: CPUBackend.shared)
    let actual = try Self.probeResults(on: self)
    // A score of the attention is a product of products: four rounded factors on either side, whose errors are small
    // beside the largest value. fp32 is far inside of tf32's bound; a GPU that is wrong is outside of all.
    let bound = 8 * Float(max(precision.unitRoundoff, Precision.tf32.unitRoundoff))
    for (name, values, others) in zip(expected, actual).map({ ($0.0, $0.1, $1.1) }) {
      let largest = values.reduce(0) { max($0, abs($1)) }
      guard zip(values, others).allSatisfy({ abs($0 - $1) <= bound * largest }) else {
        throw .unavailable(
          device: device,
          reason:
            "its \(name) differs from the CPU's (\(context.description)): install another driver or CUDA toolkit",
          tried: [])
      }
    }
  }

  private static func probeResults(on backend: any Backend) throws(DeviceError) -> [(
    String, [Float]
  )] {
    var random = Philox(seed: 1, stream: 2)
    func matrix(_ rows: Int, _ columns: Int) throws(DeviceError) -> Tensor {
      let values = (0..<rows * columns).map { _ in Float(2 * random.uniform() - 1) }
      return try Tensor(values, shape: [rows, columns], on: backend)
    }
    let (rows, size) = (37, 64)
    let projected = try Tensor([rows, 3 * size], on: backend)
    try backend.linear(
      matrix(rows, size), weight: matrix(3 * size, size), bias: nil, activation: .gelu,
      into: projected)
    let normalized = try Tensor([rows, size], on: backend)
    try backend.layerNorm(
      matrix(rows, size), residual: matrix(rows, size),
      inputDropout: Dropout(probability: 0.25, seed: 5, step: 1, site: 3),
      gamma: matrix(1, size).reshaped([size]), beta: matrix(1, size).reshaped([size]),
      epsilon: 1e-12, into: normalized)
    let context = try Tensor([rows, size], on: backend)
    let inputs = AttentionInputs(
      sequences: PackedSequences(
        offsets: try Tensor([0, 34, Int32(rows)] as [Int32], on: backend), tokenCount: rows,
        longestSequence: 34),
      query: Columns(projected, offset: 0, size: size),
      key: Columns(projected, offset: size, size: size),
      value: Columns(projected, offset: 2 * size, size: size), headCount: 2)
    try backend.attention(inputs, into: context)
    return [
      ("matrix product", try projected.hostFloats()),
      ("layer norm", try normalized.hostFloats()), ("attention", try context.hostFloats()),
    ]
  }
}
