import Tensors
import Testing

/// What becomes of a machine that lacks something, and of a device that fails.
@Suite struct RuntimeTests {
  @Test func `missing libraries are named with every place that was tried`() async {
    await #expect(processExitsWith: .success) {
      Emulator.setEnvironment("VIRTUAL_ENV", "")
      Emulator.setEnvironment("CUDA_HOME", "/nowhere/cuda")
      guard !Emulator.machineHasDriver else { return }
      do throws(DeviceError) {
        _ = try CUDABackend(ordinal: 0)
        Issue.record("a GPU was opened without a driver")
      } catch {
        guard let (device, reason, tried) = error.missing else {
          Issue.record("\(error)")
          return
        }
        #expect(device == .cuda(ordinal: 0))
        #expect(reason.contains("the NVIDIA driver"))
        #expect(tried.contains("libcuda.so.1"))
      }
      var reasons: [DeviceError] = []
      let fallback = try Device.backend(named: "auto") { reasons.append($0) }
      #expect(fallback.device == .cpu)
      #expect(reasons.count == 1)
      // The CPU has no such precision, and what it computes instead would be other numbers.
      let refusal = #expect(throws: DeviceError.self) {
        _ = try Device.backend(named: "auto", precision: .tf32) { reasons.append($0) }
      }
      #expect("\(refusal, default: "none")".contains("the NVIDIA driver"))
      #expect("\(refusal, default: "none")".contains("cpu cannot compute in tf32"))
      #expect(reasons.count == 1)
    }
  }

  @Test(arguments: Precision.allCases)
  func `the probe passes on a device that is right`(precision: Precision) throws {
    try Emulator.backend(in: precision).probe()
  }

  @Test(arguments: Precision.allCases)
  func `a GPU before 8.0 computes in fp32 and refuses the rest`(precision: Precision) throws {
    let opened = Emulator.openOlder(precision: precision)
    guard precision != .fp32 else {
      try opened.get().probe()
      return
    }
    let error = #expect(throws: DeviceError.self) { try opened.get() }
    #expect(
      "\(error, default: "none")".hasPrefix(
        "cuda:0 cannot compute in \(precision): emulator (7.5) has no tensor cores for it"))
  }

  @Test func `a device number that does not exist says how many there are`() {
    #expect(
      throws: DeviceError.unavailable(
        device: .cuda(ordinal: 3), reason: "the driver sees 1 GPU: count from cuda:0", tried: [])
    ) {
      _ = try Emulator.open(cacheFolder: nil, ordinal: 3).get()
    }
  }

  @Test func `too large a request is refused with its size, and the device goes on`() throws {
    let backend = try Emulator.backend.get()
    let count = 1 << 31
    #expect(throws: DeviceError.outOfMemory(device: .cuda(ordinal: 0), byteCount: 4 * count)) {
      _ = try Tensor([count], on: backend)
    }
    #expect(try Tensor([1, 2, 3] as [Float], on: backend).hostFloats() == [1, 2, 3])
  }

  @Test func `a copy of many staging buffers arrives whole`() throws {
    let values = (0..<1_500_001).map { Float($0) }
    let tensor = try Tensor(values, on: try Emulator.backend.get())
    #expect(try tensor.hostFloats() == values)
  }

  @Test func `what was uploaded may change at once, however late the device copies it`() throws {
    let backend = try Emulator.openCopyingLate()
    // Small and large, several times what staging buffers hold.
    let sizes = (0..<400).map { [1, 17, 5000, 70_001][$0 % 4] } + [1_500_001, 3]
    let tensors = try sizes.enumerated().map { index, size in
      try Tensor([Float](repeating: Float(index), count: size), on: backend)
    }
    for (index, tensor) in tensors.enumerated() {
      #expect(try tensor.hostFloats().allSatisfy { $0 == Float(index) }, "\(index)")
    }
  }

  @Test func `heads that shared memory cannot hold are an error that says so`() throws {
    let backend = try Emulator.openOlder(precision: .fp32).get()
    func tensor(_ shape: [Int]) throws -> Tensor {
      try Tensor(
        [Float](repeating: 0.5, count: shape.reduce(1, *)), shape: shape, on: backend)
    }
    func columns() throws -> Columns { Columns(try tensor([1, 128]), offset: 0, size: 128) }
    let inputs = AttentionInputs(
      sequences: PackedSequences(
        offsets: try Tensor([0, 1] as [Int32], on: backend), tokenCount: 1, longestSequence: 1),
      query: try columns(), key: try columns(), value: try columns(), headCount: 1)
    try backend.attention(inputs, into: try tensor([1, 128]))
    let error = #expect(throws: DeviceError.self) {
      try backend.attentionGradient(
        try tensor([1, 128]), inputs: inputs, context: try tensor([1, 128]),
        logSumExp: try tensor([1, 1]), dQuery: try columns(), dKey: try columns(),
        dValue: try columns())
    }
    let sentence = "\(error, default: "none")"
    #expect(sentence.contains("needs 70 KiB of shared memory"), "\(sentence)")
    #expect(sentence.contains("a block of emulator has 64"), "\(sentence)")
  }

  @Test func `heads that registers cannot hold are an error that says so`() throws {
    let backend = try Emulator.backend.get()
    let columns = Columns(try Tensor([1, 129], on: backend), offset: 0, size: 129)
    let sequences = PackedSequences(
      offsets: try Tensor([0, 1] as [Int32], on: backend), tokenCount: 1, longestSequence: 1)
    let error = #expect(throws: DeviceError.self) {
      try backend.attention(
        AttentionInputs(
          sequences: sequences, query: columns, key: columns, value: columns, headCount: 1),
        into: try Tensor([1, 129], on: backend))
    }
    #expect("\(error, default: "none")".contains("heads have 129 features"))
  }

  @Test func `timings are the device's, by kind, of what ran since they were last taken`() throws {
    // A device of its own: others may run meanwhile.
    let backend = try Emulator.open(cacheFolder: nil).get()
    let tensor = try Tensor([Float](repeating: 1, count: 5000), on: backend)
    let norm = try Tensor([2], on: backend)
    // More changes of kind than a sample holds.
    for _ in 0..<600 {
      try backend.fill(tensor, with: 2)
      try backend.globalNorm(of: tensor.slice(at: 0, shape: [3]), into: norm)
    }
    let timings = backend.takeTimings()
    #expect(timings[.elementwise] > .zero && timings[.optimizer] > .zero)
    #expect(timings[.products] == .zero && timings[.attention] == .zero)
    #expect(backend.takeTimings().total == .zero)
  }

  @Test func `a fault of a kernel becomes one error that says what happened`() async {
    await #expect(processExitsWith: .success) {
      let backend = try Emulator.open(cacheFolder: nil).get()
      let packed = try Tensor([Float](repeating: 0, count: 8), shape: [4, 2], on: backend)
      // Offsets that lie: the second text is said to begin a million rows behind the end.
      let offsets = try Tensor([0, 1_000_000, 4] as [Int32], on: backend)
      let rows = try Tensor([2, 2], on: backend)
      try #require(throws: DeviceError.self) {
        try backend.gatherFirstRows(
          packed,
          sequences: PackedSequences(offsets: offsets, tokenCount: 4, longestSequence: 3),
          into: rows)
      }
      #expect(Emulator.fault.contains("memory: a load of 4 bytes"))
      let error = try #require(throws: DeviceError.self) { try backend.synchronize() }
      guard case .fault(.cuda(ordinal: 0), let call, 719, let text) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(call == "gatherFirstRows_textPerBlock" && text == Emulator.fault)
      // Whatever comes after says the same: there is nothing else to know.
      #expect(throws: error) { try packed.hostFloats() }
      #expect(throws: error) { try packed.write([Float](repeating: 1, count: 8)) }
      #expect(throws: error) { try backend.fill(packed, with: 0) }
    }
  }
}

extension DeviceError {
  /// What an error says of libraries that were not found, with a GPU or without.
  fileprivate var missing: (device: Device, reason: String, tried: [String])? {
    switch self {
    case .unavailable(let device, let reason, let tried),
      .absent(let device, let reason, let tried):
      (device, reason, tried)
    default: nil
    }
  }
}
