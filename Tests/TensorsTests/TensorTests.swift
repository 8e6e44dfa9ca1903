import Tensors
import Testing

@Suite struct TensorTests {
  private let backend = CPUBackend.shared

  @Test func `what is uploaded is downloaded bit for bit`() throws {
    let floats: [Float] = [0, -0.0, .pi, .infinity, .nan, .leastNonzeroMagnitude]
    let tensor = try Tensor(floats, shape: [2, 3], on: backend)
    #expect(try tensor.hostFloats().map(\.bitPattern) == floats.map(\.bitPattern))
    #expect(tensor.shape == [2, 3])
    let integers: [Int32] = [.min, -1, 0, .max]
    #expect(try Tensor(integers, on: backend).hostIntegers() == integers)
  }

  @Test func `a slice shares the storage of its tensor`() throws {
    let tensor = try Tensor((0..<12).map { Float($0) }, shape: [4, 3], on: backend)
    let rows = tensor.rows(1..<3)
    #expect(rows.shape == [2, 3])
    #expect(try rows.hostFloats() == [3, 4, 5, 6, 7, 8])
    try rows.slice(at: 2, shape: [2, 1]).write([Float(-1), -2])
    #expect(try tensor.hostFloats() == [0, 1, 2, 3, 4, -1, -2, 7, 8, 9, 10, 11])
    #expect(rows.storage === tensor.storage)
  }

  @Test func `a slice keeps the storage alive`() throws {
    let slice = try Tensor([Float(1), 2, 3], on: backend).slice(at: 1, shape: [2])
    let others = try (0..<50).map { try Tensor([Float($0), 0, 0], on: backend) }
    #expect(try slice.hostFloats() == [2, 3])
    withExtendedLifetime(others) {}
  }

  @Test func `reshaping changes no element`() throws {
    let tensor = try Tensor([Float(1), 2, 3, 4, 5, 6], shape: [2, 3], on: backend)
    #expect(tensor.reshaped([6]).shape == [6])
    #expect(try tensor.reshaped([3, 2]).hostFloats() == [1, 2, 3, 4, 5, 6])
  }

  @Test func `a tensor may be empty`() throws {
    let tensor = try Tensor([0, 7], on: backend)
    #expect(tensor.count == 0)
    #expect(try tensor.hostFloats().isEmpty)
    try tensor.write([Float]())
    #expect(tensor.rows(0..<0).shape == [0, 7])
  }

  @Test func `a slice outside its tensor traps`() async {
    await #expect(processExitsWith: .failure) {
      let tensor = try Tensor([Float(1), 2, 3], on: CPUBackend.shared)
      _ = tensor.slice(at: 2, shape: [2])
    }
  }

  @Test func `an operation traps on a shape that does not fit`() async {
    await #expect(processExitsWith: .failure) {
      let backend = CPUBackend.shared
      let input = try Tensor([2, 3], on: backend)
      let weight = try Tensor([4, 5], on: backend)
      try backend.linear(
        input, weight: weight, bias: nil, into: try Tensor([2, 4], on: backend))
    }
  }

  @Test func `floats are not read as integers`() async {
    await #expect(processExitsWith: .failure) {
      _ = try Tensor([Float(1)], on: CPUBackend.shared).hostIntegers()
    }
  }
}
