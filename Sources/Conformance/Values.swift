public import Tensors

/// What an operation reads, on the host.
public struct Inputs: Sendable {
  /// Numbers of one kind.
  public enum Contents: Sendable {
    case floats([Float])
    case integers([Int32])
  }

  /// One named block.
  public struct Input: Sendable {
    /// Name of the tensor in the workspace.
    public let name: String
    /// Extents.
    public let shape: [Int]
    /// Elements, row-major.
    public let contents: Contents
  }

  /// In the order they were added.
  public private(set) var all: [Input] = []

  /// Nothing yet.
  public init() {}

  /// Adds floats of `shape`.
  public mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
    precondition(values.count == shape.reduce(1, *), "\(name) does not fill \(shape)")
    all.append(Input(name: name, shape: shape, contents: .floats(values)))
  }

  /// Adds integers of `shape`.
  public mutating func add(_ name: String, _ shape: [Int], _ values: [Int32]) {
    precondition(values.count == shape.reduce(1, *), "\(name) does not fill \(shape)")
    all.append(Input(name: name, shape: shape, contents: .integers(values)))
  }
}

/// The inputs as a reference computes with them.
public struct Values<Scalar: ReferenceScalar>: Sendable {
  private var floats: [String: [Scalar]] = [:]
  private var integers: [String: [Int]] = [:]
  /// How factors of products are rounded; the truth knows of no rounding.
  public let precision: Precision

  /// Converts every float exactly (fp32 is a subset of both scalars).
  public init(_ inputs: Inputs, precision: Precision = .fp32) {
    self.precision = precision
    for input in inputs.all {
      switch input.contents {
      case .floats(let values): floats[input.name] = values.map { Scalar($0) }
      case .integers(let values): integers[input.name] = values.map { Int($0) }
      }
    }
  }

  /// The floats called `name`, which must be there.
  public subscript(name: String) -> [Scalar] {
    get {
      guard let values = floats[name] else { preconditionFailure("no input is called \(name)") }
      return values
    }
    set { floats[name] = newValue }
  }

  /// The floats called `name`, where the case has them.
  public func optional(_ name: String) -> [Scalar]? { floats[name] }

  /// The integers called `name`, which must be there.
  public func integers(_ name: String) -> [Int] {
    guard let values = integers[name] else { preconditionFailure("no input is called \(name)") }
    return values
  }
}

/// What a reference computes.
public struct Outcome<Scalar: ReferenceScalar>: Sendable {
  /// Each output's elements.
  public private(set) var values: [String: [Scalar]] = [:]
  /// Sum of the absolute values of the summands behind each element, for outputs where the reference knows it.
  public private(set) var magnitudes: [String: [Scalar]] = [:]

  /// Nothing yet.
  public init() {}

  /// Sets one output.
  public mutating func set(_ name: String, _ values: [Scalar], magnitudes: [Scalar]? = nil) {
    self.values[name] = values
    self.magnitudes[name] = magnitudes
  }
}
