public import Tensors

/// The tensors of one run, each cut from the middle of a larger one: what lies before and after it is a guard that no
/// operation may touch, and whose values (NaN) spoil a result that was computed from them.
public final class Workspace {
  /// Guards of this many elements put every tensor off any alignment that a vector load might like.
  public static let misaligned = 17
  /// Guards that keep tensors at multiples of 64 bytes, for timing.
  public static let aligned = 16

  static let guardPattern: UInt32 = 0x7FC5_A5A5

  private let backend: any Backend
  private let guardCount: Int
  private var surroundings: [String: Tensor] = [:]
  private var tensors: [String: Tensor] = [:]
  private let inputs: Inputs
  private var statistics: LayerNormStatistics?

  /// Uploads `inputs` and prepares `outputs`.
  public init(
    inputs: Inputs, outputs: [Output], on backend: any Backend,
    guardCount: Int = Workspace.misaligned
  ) throws(DeviceError) {
    self.backend = backend
    self.guardCount = guardCount
    self.inputs = inputs
    for input in inputs.all { try add(input.name, input.shape, input.contents) }
    for output in outputs {
      switch output.start {
      case .undefined:
        let count = output.shape.reduce(1, *)
        let undefined = [Float](repeating: Float(bitPattern: Self.guardPattern), count: count)
        try add(output.name, output.shape, .floats(undefined))
      case .startingAs(let name):
        guard let input = inputs.all.first(where: { $0.name == name }) else {
          preconditionFailure("\(output.name) starts as \(name), which is no input")
        }
        try add(output.name, output.shape, input.contents)
      case .sharing(let name):
        tensors[output.name] = self[name]
      }
    }
  }

  private func add(_ name: String, _ shape: [Int], _ contents: Inputs.Contents) throws(DeviceError)
  {
    precondition(tensors[name] == nil, "two tensors are called \(name)")
    let whole: Tensor
    switch contents {
    case .floats(let values):
      let edge = [Float](repeating: Float(bitPattern: Self.guardPattern), count: guardCount)
      whole = try Tensor(edge + values + edge, on: backend)
    case .integers(let values):
      let edge = [Int32](repeating: Int32(bitPattern: Self.guardPattern), count: guardCount)
      whole = try Tensor(edge + values + edge, on: backend)
    }
    surroundings[name] = whole
    tensors[name] = whole.slice(at: guardCount, shape: shape)
  }

  /// The tensor called `name`, which must be there.
  public subscript(name: String) -> Tensor {
    guard let tensor = tensors[name] else { preconditionFailure("no tensor is called \(name)") }
    return tensor
  }

  /// The tensor called `name`, where the case has it.
  public func optional(_ name: String) -> Tensor? { tensors[name] }

  /// The tensor called `name` together with its guards: how a test breaks one.
  func surrounding(_ name: String) -> Tensor? { surroundings[name] }

  /// Row statistics that layer norm hands from one pass to the next.
  func statistics(rowCount: Int) throws(DeviceError) -> LayerNormStatistics {
    if let statistics { return statistics }
    let made = try LayerNormStatistics(rowCount: rowCount, on: backend)
    statistics = made
    return made
  }

  /// One sentence for each guard that was overwritten and each input that was changed.
  func violations() throws(DeviceError) -> [String] {
    var found: [String] = []
    for (name, whole) in surroundings.sorted(by: { $0.key < $1.key }) {
      let bits = try Self.bits(of: whole)
      let broken = (Array(0..<guardCount) + Array(bits.count - guardCount..<bits.count))
        .filter { bits[$0] != Self.guardPattern }
      if let first = broken.first {
        found.append(
          "\(name): \(broken.count) guard elements overwritten, first at \(first - guardCount) of "
            + "\(bits.count - 2 * guardCount)")
      }
    }
    for input in inputs.all {
      let bits = try Self.bits(of: self[input.name])
      let before: [UInt32] =
        switch input.contents {
        case .floats(let values): values.map(\.bitPattern)
        case .integers(let values): values.map { UInt32(bitPattern: $0) }
        }
      if bits != before { found.append("\(input.name): an input was overwritten") }
    }
    return found
  }

  static func bits(of tensor: Tensor) throws(DeviceError) -> [UInt32] {
    switch tensor.elementType {
    case .float32: try tensor.hostFloats().map(\.bitPattern)
    case .int32: try tensor.hostIntegers().map { UInt32(bitPattern: $0) }
    }
  }
}
