// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels

extension CUDABackend {
  public func linearForward(_ arguments: CKLinearForward) throws(DeviceError) {
    try context.mark(.products)
    guard unsafe arguments.rowCount > 0 else { return }
    unsafe try context.multiply(
      CKProduct(
        rows: arguments.rowCount, columns: arguments.outputSize, depth: arguments.inputSize,
        transposesLeft: false, transposesRight: true, left: arguments.input,
        leftStride: arguments.inputSize, right: arguments.weight, rightStride: arguments.inputSize,
        beta: 0, output: arguments.output, outputStride: arguments.outputSize),
      precision: precision)
    if unsafe arguments.bias == nil && arguments.preActivation == nil
      && arguments.activation == .identity
    {
      return
    }
    unsafe try context.launch(
      "linearForward_rowPerBlock", .rows(arguments.rowCount, columns: arguments.outputSize),
      arguments)
  }

  public func linearBackward(_ arguments: CKLinearBackward) throws(DeviceError) {
    try context.mark(.products)
    if let dBias = unsafe arguments.dBias {
      unsafe try sumColumns(
        arguments.dOutput, rows: arguments.rowCount, columns: arguments.outputSize, into: dBias,
        accumulating: arguments.accumulatesParameters)
    }
    if let dWeight = unsafe arguments.dWeight, let input = unsafe arguments.input {
      unsafe try weightGradient(arguments, input, dWeight)
    }
    if let dInput = unsafe arguments.dInput, let weight = unsafe arguments.weight,
      unsafe arguments.rowCount > 0
    {
      unsafe try context.multiply(
        CKProduct(
          rows: arguments.rowCount, columns: arguments.inputSize, depth: arguments.outputSize,
          transposesLeft: false, transposesRight: false, left: arguments.dOutput,
          leftStride: arguments.outputSize, right: weight, rightStride: arguments.inputSize,
          beta: arguments.accumulatesInput ? 1 : 0, output: dInput,
          outputStride: arguments.inputSize), precision: precision)
    }
  }

  private func weightGradient(
    _ arguments: CKLinearBackward, _ input: UnsafePointer<Float>,
    _ dWeight: UnsafeMutablePointer<Float>
  ) throws(DeviceError) {
    guard unsafe arguments.rowCount > 0 else {
      // A sum of no rows is zero; cuBLASLt refuses a product of depth zero.
      if unsafe arguments.accumulatesParameters { return }
      let count = unsafe Int64(arguments.inputSize) * Int64(arguments.outputSize)
      return unsafe try fill(CKFill(count: count, value: 0, destination: dWeight))
    }
    unsafe try context.multiply(
      CKProduct(
        rows: arguments.outputSize, columns: arguments.inputSize, depth: arguments.rowCount,
        transposesLeft: true, transposesRight: false, left: arguments.dOutput,
        leftStride: arguments.outputSize, right: input, rightStride: arguments.inputSize,
        beta: arguments.accumulatesParameters ? 1 : 0, output: dWeight,
        outputStride: arguments.inputSize), precision: precision)
  }
}
