/// Numbers in main memory with their extents, row by row: what files hold and devices are given.
public struct HostTensor: Equatable, Sendable {
  /// The extents, outermost first; none for a single number.
  public let shape: [Int]
  /// The numbers, as many as the extents multiply to.
  public var values: [Float]

  /// A tensor from its extents and numbers.
  public init(shape: [Int], values: [Float]) {
    precondition(
      shape.reduce(1, *) == values.count,
      "\(values.count) numbers do not fill a tensor of shape \(shape)")
    self.shape = shape
    self.values = values
  }
}
