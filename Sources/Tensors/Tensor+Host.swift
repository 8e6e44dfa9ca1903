/// Copies between host arrays and device memory. Reading waits until the device has finished its work.
extension Tensor {
  /// Uploads `values`, row-major.
  public init(_ values: [Float], shape: [Int]? = nil, on backend: any Backend) throws(DeviceError) {
    try self.init(shape ?? [values.count], of: .float32, on: backend)
    try write(values)
  }

  /// Uploads `values`, row-major.
  public init(_ values: [Int32], shape: [Int]? = nil, on backend: any Backend) throws(DeviceError) {
    try self.init(shape ?? [values.count], of: .int32, on: backend)
    try write(values)
  }

  /// Overwrites every element.
  public func write(_ values: [Float]) throws(DeviceError) {
    precondition(
      elementType == .float32, "floats cannot be written into a tensor of \(elementType)")
    try write(elements: values)
  }

  /// Overwrites every element.
  public func write(_ values: [Int32]) throws(DeviceError) {
    precondition(elementType == .int32, "int32 cannot be written into a tensor of \(elementType)")
    try write(elements: values)
  }

  private func write<Element: BitwiseCopyable>(elements: [Element]) throws(DeviceError) {
    precondition(
      elements.count == count, "\(elements.count) values do not fill a tensor of shape \(shape)")
    dropFactors()
    var failure: DeviceError?
    unsafe elements.withUnsafeBytes { bytes in
      do throws(DeviceError) {
        unsafe try backend.upload(bytes, to: address)
      } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Every element, row-major. Waits for the device.
  public func hostFloats() throws(DeviceError) -> [Float] {
    precondition(elementType == .float32, "a tensor of \(elementType) cannot be read as floats")
    return unsafe try hostElements(at: address, zero: Float(0))
  }

  /// Every element, row-major. Waits for the device.
  public func hostIntegers() throws(DeviceError) -> [Int32] {
    precondition(elementType == .int32, "a tensor of \(elementType) cannot be read as int32")
    return unsafe try hostElements(at: address, zero: Int32(0))
  }

  @unsafe func hostElements<Element: BitwiseCopyable>(
    at address: UnsafeMutableRawPointer, zero: Element
  ) throws(DeviceError) -> [Element] {
    var elements = [Element](repeating: zero, count: count)
    var failure: DeviceError?
    unsafe elements.withUnsafeMutableBytes { bytes in
      do throws(DeviceError) {
        unsafe try backend.download(address, to: bytes)
      } catch { failure = error }
    }
    if let failure { throw failure }
    return elements
  }
}
