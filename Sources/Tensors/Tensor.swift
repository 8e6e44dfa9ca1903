/// What one element of a tensor is.
public enum ElementType: Sendable {
  case float32
  case int32
}

/// A dense, row-major block of numbers on a device: a shape over a piece of a storage. A value that shares its
/// storage with its slices; operations write only into the tensors they are handed as outputs.
public struct Tensor: Sendable {
  /// The memory behind this tensor and its slices.
  public let storage: Storage
  /// Extents from the slowest to the fastest.
  public let shape: [Int]
  /// What one element is; every type takes four bytes.
  public let elementType: ElementType
  let elementOffset: Int

  /// Bytes of one element, the same for every type.
  static let elementByteCount = 4

  init(storage: Storage, shape: [Int], elementType: ElementType, elementOffset: Int) {
    self.storage = storage
    self.shape = shape
    self.elementType = elementType
    self.elementOffset = elementOffset
  }

  /// Allocates a tensor whose contents are undefined.
  public init(_ shape: [Int], of elementType: ElementType = .float32, on backend: any Backend)
    throws(DeviceError)
  {
    precondition(
      shape.allSatisfy { $0 >= 0 }, "a tensor of shape \(shape) cannot be: an extent is negative")
    let count = shape.reduce(1, *)
    self.init(
      storage: try Storage(byteCount: max(1, count) * Self.elementByteCount, on: backend),
      shape: shape, elementType: elementType, elementOffset: 0)
  }

  /// Elements in all.
  public var count: Int { shape.reduce(1, *) }
  /// The backend that holds the memory.
  public var backend: any Backend { storage.backend }

  /// The `shape` that begins at element `offset` of this tensor.
  public func slice(at offset: Int, shape: [Int]) -> Tensor {
    precondition(
      offset >= 0 && offset + shape.reduce(1, *) <= count,
      "slice \(shape) at \(offset) leaves a tensor of shape \(self.shape)")
    return Tensor(
      storage: storage, shape: shape, elementType: elementType,
      elementOffset: elementOffset + offset
    )
  }

  /// Rows `range` of a matrix.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[0],
      "rows \(range) leave a tensor of shape \(shape)")
    let rowSize = shape.dropFirst().reduce(1, *)
    return slice(at: range.lowerBound * rowSize, shape: [range.count] + shape.dropFirst())
  }

  /// The same elements in another shape.
  public func reshaped(_ shape: [Int]) -> Tensor {
    precondition(
      shape.reduce(1, *) == count, "\(self.shape) and \(shape) differ in their number of elements")
    return slice(at: 0, shape: shape)
  }

  var address: UnsafeMutableRawPointer {
    unsafe storage.address + elementOffset * Self.elementByteCount
  }

  /// Its place among the elements of the storage.
  var elements: Range<Int> { elementOffset..<elementOffset + count }

  /// For an operation that reads them.
  var floats: UnsafePointer<Float> {
    precondition(elementType == .float32, "a tensor of \(elementType) stands where floats belong")
    return unsafe UnsafePointer(address.assumingMemoryBound(to: Float.self))
  }

  /// For an operation that writes them: what was rounded of them is out of date.
  var writableFloats: UnsafeMutablePointer<Float> {
    dropFactors()
    return unsafe UnsafeMutablePointer(mutating: floats)
  }

  var integers: UnsafeMutablePointer<Int32> {
    precondition(elementType == .int32, "a tensor of \(elementType) stands where int32 belong")
    return unsafe address.assumingMemoryBound(to: Int32.self)
  }
}
