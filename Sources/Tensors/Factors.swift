internal import CKernels
import Synchronization

/// A storage's floats as products in bf16 multiply them: rounded, element for element, beside them.
/// Whoever writes floats rounds them at once or leaves that to the first product that reads them;
/// either way the bits are the same.
@safe final class Factors: @unchecked Sendable {
  /// The storage's first element that has one.
  private let first: Int
  private let storage: Storage
  /// Elements of the storage whose floats have not been written since they were rounded.
  private let current = Mutex<[Range<Int>]>([])

  init(of elements: Range<Int>, on backend: any Backend) throws(DeviceError) {
    first = elements.lowerBound
    storage = try Storage(byteCount: max(1, elements.count) * 2, on: backend)
  }

  /// Those of the elements that have one; they end where the elements do.
  func part(of elements: Range<Int>) -> Range<Int> {
    min(max(elements.lowerBound, first), elements.upperBound)..<elements.upperBound
  }

  /// Where those of some elements lie; nil: they have none.
  @unsafe func address(of elements: Range<Int>) -> UnsafeMutablePointer<UInt16>? {
    guard elements.lowerBound >= first else { return nil }
    return unsafe storage.address.assumingMemoryBound(to: UInt16.self)
      + (elements.lowerBound - first)
  }

  func isCurrent(_ elements: Range<Int>) -> Bool {
    current.withLock { $0.contains { $0.contains(elements) } }
  }

  /// The floats of these elements are about to be written.
  func drop(_ elements: Range<Int>) {
    current.withLock { if !$0.isEmpty, elements.upperBound > first { $0 = [] } }
  }

  /// These are what their floats round to.
  func keep(_ elements: Range<Int>) {
    current.withLock { list in
      if list.contains(where: { $0.contains(elements) }) { return }
      list.removeAll { elements.contains($0) }
      list.append(elements)
    }
  }
}

extension Tensor {
  /// Allocates a tensor whose elements from `first` on products will read, in whatever precision
  /// the backend has.
  public init(factors shape: [Int], from first: Int = 0, on backend: any Backend)
    throws(DeviceError)
  {
    let count = shape.reduce(1, *)
    let factors =
      backend.keepsFactors ? try Factors(of: min(first, count)..<count, on: backend) : nil
    self.init(
      storage: try Storage(byteCount: max(1, count) * Self.elementByteCount, factors, on: backend),
      shape: shape, elementType: .float32, elementOffset: 0)
  }

  /// Where an operation of `backend` puts the elements rounded; nil: nowhere.
  @unsafe func roundedAddress(on backend: any Backend) -> UnsafeMutablePointer<UInt16>? {
    guard backend.keepsFactors, elementType == .float32 else { return nil }
    return unsafe storage.factors?.address(of: elements)
  }

  /// Its last elements, flat, that an operation of `backend` rounds too; nil: none.
  func partWithFactors(on backend: any Backend) -> Tensor? {
    guard backend.keepsFactors, elementType == .float32,
      let part = storage.factors?.part(of: elements), !part.isEmpty
    else { return nil }
    return slice(at: count - part.count, shape: [part.count])
  }

  /// The same for a matrix as products count on it: its rows begin at multiples of 16 bytes.
  @unsafe func factorAddress(on backend: any Backend) -> UnsafeMutablePointer<UInt16>? {
    guard (shape.last ?? 0) % 8 == 0, let address = unsafe roundedAddress(on: backend),
      Int(bitPattern: address) % 16 == 0
    else { return nil }
    return unsafe address
  }

  /// This matrix as a product of `backend` reads it, which rounds it where that is due.
  func factors(on backend: any Backend) -> CKFactors {
    unsafe CKFactors(
      values: factorAddress(on: backend),
      isCurrent: storage.factors?.isCurrent(elements) ?? false)
  }

  /// Tells that the floats are about to be written.
  func dropFactors() { storage.factors?.drop(elements) }

  /// Tells that an operation of `backend` has rounded all elements, as a matrix or in any case.
  func keepFactors(on backend: any Backend, always: Bool = false) {
    let address = unsafe always ? roundedAddress(on: backend) : factorAddress(on: backend)
    if unsafe address != nil { storage.factors?.keep(elements) }
  }

  /// Whether products find all elements rounded, or there is nothing to be rounded.
  public var hasCurrentFactors: Bool { storage.factors?.isCurrent(elements) ?? true }

  /// The rounded elements as bits, where they are there and up to date. Waits for the device.
  public func hostFactors() throws(DeviceError) -> [UInt16]? {
    guard let factors = storage.factors, factors.isCurrent(elements),
      let address = unsafe factors.address(of: elements)
    else { return nil }
    return unsafe try hostElements(at: UnsafeMutableRawPointer(address), zero: UInt16(0))
  }
}
