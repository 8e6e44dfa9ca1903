internal import CKernels

extension Backend {
  /// Sets every element to `value`.
  public func fill(_ tensor: Tensor, with value: Float) throws(DeviceError) {
    unsafe try fill(
      CKFill(count: Int64(tensor.count), value: value, destination: tensor.writableFloats))
  }

  /// Copies all elements between tensors of equal size.
  public func copy(_ source: Tensor, into destination: Tensor) throws(DeviceError) {
    precondition(
      source.count == destination.count,
      "\(source.shape) cannot be copied into \(destination.shape)")
    unsafe try copy(
      CKCopy(
        count: Int64(source.count), source: source.floats, destination: destination.writableFloats))
  }

  /// destination += factor · source, between tensors of equal size.
  public func add(
    _ source: Tensor, times factor: Double = 1, to destination: Tensor
  ) throws(DeviceError) {
    precondition(
      source.count == destination.count,
      "\(source.shape) cannot be added to \(destination.shape)")
    unsafe try add(
      CKAdd(
        count: Int64(source.count), factor: Float(factor), source: source.floats,
        destination: destination.writableFloats))
  }

  /// Dropout in place on a matrix [rows, columns]; applied to a gradient it is its own backward pass.
  public func dropout(_ values: Tensor, _ dropout: Dropout) throws(DeviceError) {
    guard dropout.probability > 0 else { return }
    unsafe try dropoutInPlace(
      CKDropoutInPlace(
        rowCount: Int32(values.shape[0]), columnCount: Int32(values.shape[1]),
        values: values.writableFloats, dropout: dropout.parameters))
  }
}
