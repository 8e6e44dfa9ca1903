import Conformance
import Tensors
import Testing

@Suite struct KernelTests {
  private static let cases = Case.all.filter { !$0.isRealistic && !$0.operation.needsProcess }

  @Test(arguments: cases)
  func `a kernel agrees with its Double reference and touches nothing else`(example: Case) throws {
    let finding = try example.check(on: try Emulator.backend.get())
    #expect(
      finding.passed, "\(finding.failures.joined(separator: "\n")) \(Emulator.fault)")
  }

  /// Products and attention are all that a precision is about.
  private static let rounding = cases.filter { ["linear", "attention"].contains($0.operationName) }

  @Test(arguments: rounding, [Precision.tf32, .bf16])
  func `a kernel of tensor cores errs by the rounding of its factors and no more`(
    example: Case, precision: Precision
  ) throws {
    let finding = try example.check(on: try Emulator.backend(in: precision))
    #expect(
      finding.passed, "\(finding.failures.joined(separator: "\n")) \(Emulator.fault)")
  }

  @Test(arguments: rounding, [Precision.tf32, .bf16])
  func `tensor cores give the same bits twice`(example: Case, precision: Precision) throws {
    let finding = try example.checkDeterminism(on: try Emulator.backend(in: precision))
    #expect(finding.passed, "\(finding.failures.joined(separator: "\n"))")
  }

  @Test func `a bias that cuBLASLt does not add is added by a kernel, with the same bits`() throws {
    func output(_ situation: String?) throws -> [UInt32] {
      let backend = try Emulator.open(cacheFolder: nil, situation: situation).get()
      func numbers(_ shape: [Int]) throws -> Tensor {
        try Tensor(
          (0..<shape.reduce(1, *)).map { Float($0 * 7 % 23) / 3 - 3 }, shape: shape, on: backend)
      }
      let result = try Tensor([9, 17], on: backend)
      let weight = try numbers([17, 5])
      let (input, bias) = (try numbers([9, 5]), try numbers([17]))
      // The second time with another bias of the same shape, for which the plan is there.
      for bias in [try Tensor(Array(repeating: Float(0), count: 17), on: backend), bias] {
        try backend.linear(input, weight: weight, bias: bias, into: result)
      }
      return try result.hostFloats().map(\.bitPattern)
    }
    #expect(try output("products without epilogues") == output(nil))
  }

  @Test func `factors are rounded to nearest, in bf16 to even`() throws {
    // Halves of the last place up and down, a little more, the sign, a carry into the exponent, and the infinite.
    let values: [Precision: [(Float, Float)]] = [
      .fp32: [(1 + 0x1p-23, 1 + 0x1p-23), (.infinity, .infinity)],
      .tf32: [
        (1 + 0x1p-11, 1 + 0x1p-10), (1 + 0x1p-12, 1), (-1 - 0x3p-12, -1 - 0x1p-10),
        (2 - 0x1p-23, 2), (.infinity, .infinity),
      ],
      .bf16: [
        (1 + 0x1p-8, 1), (1 + 0x3p-8, 1 + 0x1p-6), (1 + 0x1p-8 + 0x1p-20, 1 + 0x1p-7),
        (-1 - 0x3p-9, -1 - 0x1p-7), (2 - 0x1p-23, 2), (.infinity, .infinity),
      ],
    ]
    var backends: [any Backend] = try values.keys.map { try Emulator.backend(in: $0) }
    backends += try Host.precisions.map { try Device.backend(named: "cpu", precision: $0) }
    for backend in backends {
      let pairs = try #require(values[backend.precision])
      let result = try Tensor([pairs.count, 1], on: backend)
      try backend.linear(
        try Tensor(pairs.map(\.0), shape: [pairs.count, 1], on: backend),
        weight: try Tensor([Float(1)], shape: [1, 1], on: backend), bias: nil, into: result)
      #expect(
        try result.hostFloats() == pairs.map(\.1), "\(backend.device), \(backend.precision)")
    }
  }

  /// 0 · infinity would be NaN.
  @Test func `a masked head is zero on either device, whatever the input holds`() throws {
    for backend: any Backend in [CPUBackend.shared, try Emulator.backend.get()] {
      let (texts, tokens, heads, size) = (2, 5, 3, 20)
      func numbers(_ shape: [Int]) throws -> Tensor {
        try Tensor(
          (0..<shape.reduce(1, *)).map { Float($0 % 7) - 3 }, shape: shape, on: backend)
      }
      var input = (0..<tokens * size).map { Float($0 % 5) }
      input[size + 3] = .infinity
      let inputs = FirstTokenInputs(
        sequences: PackedSequences(
          offsets: try Tensor([0, 3, 5] as [Int32], on: backend), tokenCount: tokens,
          longestSequence: 3),
        query: try numbers([texts, heads, size]),
        input: try Tensor(input, shape: [tokens, size], on: backend), scale: 0.25,
        headMask: try Tensor([1, 0, 1] as [Float], on: backend))
      let attended = HeadInputs(
        values: try numbers([texts, heads, size]), biasInput: try numbers([texts, heads]))
      let probabilities = try numbers([tokens, heads])
      try backend.firstTokenAttention(inputs, into: attended, probabilities: probabilities)
      let dQuery = try numbers([texts, heads, size])
      try backend.firstTokenAttentionGradient(
        HeadInputs(
          values: try numbers([texts, heads, size]), biasInput: try numbers([texts, heads])),
        inputs: inputs, probabilities: probabilities, dQuery: dQuery,
        dInput: try numbers([tokens, size]))
      for result in [try attended.values.hostFloats(), try dQuery.hostFloats()] {
        let masked = result.indices.filter { $0 / size % heads == 1 }
        #expect(masked.allSatisfy { result[$0] == 0 }, "\(backend.device)")
        #expect(result.contains { !$0.isFinite }, "the infinite input is in no living head")
      }
    }
  }

  @Test(arguments: cases)
  func `a kernel gives the same bits twice, in whatever order threads run`(example: Case) throws {
    let finding = try example.checkDeterminism(on: try Emulator.backend.get())
    #expect(finding.passed, "\(finding.failures.joined(separator: "\n"))")
  }

  @Test func `AdamW moves parameters by the same bits as on the CPU`() throws {
    func moved(on backend: any Backend) throws -> [[UInt32]] {
      var random = Philox(seed: 8, stream: 1)
      func tensor(_ scale: Double) throws -> Tensor {
        try Tensor((0..<777).map { _ in Float(scale * random.uniform()) }, on: backend)
      }
      let (parameter, gradient) = (try tensor(0.1), try tensor(1e-3))
      let (first, second) = (try tensor(1e-4), try tensor(1e-7))
      for step in 41..<44 {
        try backend.adamW(
          AdamWParameters(), learningRate: 3e-5, step: step,
          gradientScale: try Tensor([Float(0.37)], on: backend), gradient: gradient,
          parameter: parameter, firstMoment: first, secondMoment: second)
      }
      return try [parameter, first, second].map { try $0.hostFloats().map(\.bitPattern) }
    }
    #expect(try moved(on: try Emulator.backend.get()) == moved(on: CPUBackend.shared))
  }
}
