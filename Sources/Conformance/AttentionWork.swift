internal import Tensors

/// Attention of one batch, both ways, by whichever kernels a backend launches.
struct AttentionWork {
  private let inputs: AttentionInputs
  private let context: Tensor
  private let logSumExp: Tensor
  private let squares: Tensor
  private let dContext: Tensor
  private let gradient: Tensor
  /// Of the norm term; nil: there is none.
  private let coefficient: Tensor?
  private let state: StepState

  /// - Parameter isThorough: with inert rows, a masked head, sharp weights, and a norm term that
  ///   outweighs the rest.
  init(_ batch: AttentionTrial.Batch, on backend: CUDABackend, isThorough: Bool = false)
    throws(DeviceError)
  {
    let tokens = batch.lengths.reduce(0, +), rows = tokens + (isThorough ? 5 : 0)
    let (heads, texts) = (batch.headCount, batch.lengths.count)
    let size = heads * batch.headSize
    var generator = Generator(seed: 3)
    // What takes longest is to make numbers, and no kernel's time depends on them.
    let numbers = generator.normal(65_537)
    func matrix(_ columns: Int, deviation: Float) throws(DeviceError) -> Tensor {
      try Tensor(
        (0..<rows * columns).map { deviation * numbers[$0 % numbers.count] },
        shape: [rows, columns], on: backend)
    }
    let projected = try matrix(3 * size, deviation: isThorough ? 2 : 1)
    dContext = try matrix(size, deviation: isThorough ? 0.01 : 1)
    context = try Tensor([rows, size], on: backend)
    logSumExp = try Tensor([rows, heads], on: backend)
    squares = try Tensor([texts, heads], on: backend)
    gradient = try Tensor([rows, 3 * size], on: backend)
    coefficient =
      isThorough
      ? try Tensor(
        (0..<texts * heads).map { $0 % 3 == 1 ? 0 : 50 } as [Float], shape: [texts, heads],
        on: backend) : nil
    var mask: Tensor?
    if isThorough, texts > 3 {
      mask = try Tensor((0..<heads).map { $0 == 0 ? 1 : 0 } as [Float], on: backend)
    }
    var offsets: [Int32] = [0]
    for length in batch.lengths { offsets.append(offsets[offsets.count - 1] + Int32(length)) }
    inputs = AttentionInputs(
      sequences: PackedSequences(
        offsets: try Tensor(offsets, on: backend), tokenCount: tokens, rowCount: rows,
        longestSequence: batch.longest),
      query: Columns(projected, offset: 0, size: size),
      key: Columns(projected, offset: size, size: size),
      value: Columns(projected, offset: 2 * size, size: size), headCount: heads, headMask: mask,
      dropout: Dropout(probability: isThorough ? 0.25 : 0.1, seed: 1, step: 1, site: 1))
    state = try StepState(on: backend)
    try state.write(step: 1, learningRate: 0, AdamWParameters())
    try forward(on: backend)
  }

  private func forward(on backend: CUDABackend) throws(DeviceError) {
    try backend.attention(
      inputs, into: context, logSumExp: logSumExp, cls: CLSAttention(squareSum: squares))
  }

  private func backward(on backend: CUDABackend) throws(DeviceError) {
    let size = context.shape[1]
    try backend.attentionGradient(
      dContext, inputs: inputs, context: context, logSumExp: logSumExp,
      clsCoefficient: coefficient, dQuery: Columns(gradient, offset: 0, size: size),
      dKey: Columns(gradient, offset: size, size: size),
      dValue: Columns(gradient, offset: 2 * size, size: size))
  }

  /// All that is computed.
  func bits(on backend: CUDABackend) throws(DeviceError) -> [(name: String, bits: [UInt32])] {
    try forward(on: backend)
    try backward(on: backend)
    var results: [(name: String, bits: [UInt32])] = []
    for (name, tensor) in [
      ("context", context), ("log-sum-exp", logSumExp), ("squares", squares),
      ("gradient", gradient),
    ] { results.append((name, try tensor.hostFloats().map(\.bitPattern))) }
    return results
  }

  /// Device time of a launch, where a GPU can be given many at once: a short one takes it less time
  /// than the host needs to ask for it.
  func time(of pass: AttentionVariant.Pass, on backend: CUDABackend, launches: Int)
    throws(DeviceError) -> Duration
  {
    func run() throws(DeviceError) {
      if pass == .forward { try forward(on: backend) } else { try backward(on: backend) }
    }
    func all() throws(DeviceError) { for _ in 0..<launches { try run() } }
    try run()
    let recording = backend.record(state) { () throws(DeviceError) in try all() }
    var times: [Duration] = []
    for _ in 0...Self.measurements {
      _ = backend.takeTimings()
      if let recording { try recording.replay() } else { try all() }
      times.append(backend.takeTimings().total / launches)
    }
    // The first one is not counted.
    return times.dropFirst().sorted()[Self.measurements / 2]
  }

  private static let measurements = 5
}
