// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels

/// A factor of a product on the device, row-major: floats, or bf16 in the precision of that name.
@unsafe private struct Factor {
  let address: UnsafeRawPointer
  /// Numbers from one row to the next.
  let stride: Int32
}

extension CUDABackend {
  public func linearForward(_ arguments: CKLinearForward) throws(DeviceError) {
    try context.mark(.products)
    let (rows, inputSize, outputSize) = unsafe (
      arguments.rowCount, arguments.inputSize, arguments.outputSize
    )
    guard rows > 0 else { return }
    unsafe try withFactor(arguments.input, rows, inputSize) { input throws(DeviceError) in
      unsafe try withFactor(arguments.weight, outputSize, inputSize) {
        weight throws(DeviceError) in
        unsafe try context.multiply(
          CKCUDAProduct(
            factors: factorType, rows: rows, columns: outputSize, depth: inputSize,
            transposesLeft: false, transposesRight: true, left: input.address,
            leftStride: input.stride, right: weight.address, rightStride: weight.stride, beta: 0,
            output: arguments.output, outputStride: outputSize))
      }
    }
    if unsafe arguments.bias == nil && arguments.preActivation == nil
      && arguments.activation == .identity
    {
      return
    }
    unsafe try context.launch(
      "linearForward_rowPerBlock", .rows(rows, columns: outputSize), arguments)
  }

  public func linearBackward(_ arguments: CKLinearBackward) throws(DeviceError) {
    try context.mark(.products)
    let (rows, outputSize) = unsafe (arguments.rowCount, arguments.outputSize)
    if let dBias = unsafe arguments.dBias {
      unsafe try sumColumns(
        arguments.dOutput, rows: rows, columns: outputSize, into: dBias,
        accumulating: arguments.accumulatesParameters)
    }
    guard rows > 0 else { return unsafe try clearWeightGradient(arguments) }
    unsafe try withFactor(arguments.dOutput, rows, outputSize) { dOutput throws(DeviceError) in
      if let dWeight = unsafe arguments.dWeight, let input = unsafe arguments.input {
        unsafe try weightGradient(arguments, dOutput, input, into: dWeight)
      }
      if let dInput = unsafe arguments.dInput, let weight = unsafe arguments.weight {
        unsafe try inputGradient(arguments, dOutput, weight, into: dInput)
      }
    }
  }

  /// A sum of no rows is zero; cuBLASLt refuses a product of depth zero.
  private func clearWeightGradient(_ arguments: CKLinearBackward) throws(DeviceError) {
    guard let dWeight = unsafe arguments.dWeight, unsafe !arguments.accumulatesParameters else {
      return
    }
    let count = unsafe Int64(arguments.inputSize) * Int64(arguments.outputSize)
    unsafe try fill(CKFill(count: count, value: 0, destination: dWeight))
  }

  private func weightGradient(
    _ arguments: CKLinearBackward, _ dOutput: Factor, _ input: UnsafePointer<Float>,
    into dWeight: UnsafeMutablePointer<Float>
  ) throws(DeviceError) {
    let (rows, inputSize) = unsafe (arguments.rowCount, arguments.inputSize)
    unsafe try withFactor(input, rows, inputSize) { input throws(DeviceError) in
      unsafe try context.multiply(
        CKCUDAProduct(
          factors: factorType, rows: arguments.outputSize, columns: inputSize, depth: rows,
          transposesLeft: true, transposesRight: false, left: dOutput.address,
          leftStride: dOutput.stride, right: input.address, rightStride: input.stride,
          beta: arguments.accumulatesParameters ? 1 : 0, output: dWeight, outputStride: inputSize))
    }
  }

  private func inputGradient(
    _ arguments: CKLinearBackward, _ dOutput: Factor, _ weight: UnsafePointer<Float>,
    into dInput: UnsafeMutablePointer<Float>
  ) throws(DeviceError) {
    let (inputSize, outputSize) = unsafe (arguments.inputSize, arguments.outputSize)
    unsafe try withFactor(weight, outputSize, inputSize) { weight throws(DeviceError) in
      unsafe try context.multiply(
        CKCUDAProduct(
          factors: factorType, rows: arguments.rowCount, columns: inputSize, depth: outputSize,
          transposesLeft: false, transposesRight: false, left: dOutput.address,
          leftStride: dOutput.stride, right: weight.address, rightStride: weight.stride,
          beta: arguments.accumulatesInput ? 1 : 0, output: dInput, outputStride: inputSize))
    }
  }
}

// MARK: Factors

extension CUDABackend {
  private var factorType: CKFactorType {
    switch precision {
    case .fp32: .float
    case .tf32: .TF32
    case .bf16: .bFloat16
    }
  }

  /// Runs `body` with the matrix as products of this precision take it. bf16 is a copy, whose rows begin at multiples
  /// of 16 bytes, as tensor cores like them.
  private func withFactor(
    _ values: UnsafePointer<Float>, _ rows: Int32, _ columns: Int32,
    _ body: (Factor) throws(DeviceError) -> Void
  ) throws(DeviceError) {
    guard precision == .bf16 else {
      return unsafe try body(Factor(address: values, stride: columns))
    }
    let stride = (columns + 7) / 8 * 8
    unsafe try withScratch(UInt16.self, count: Int(rows) * Int(stride)) {
      rounded throws(DeviceError) in
      unsafe try context.launch(
        "roundToBFloat16_rowPerBlock", .rows(rows, columns: stride),
        CKRounding(
          rowCount: rows, columnCount: columns, stride: stride, values: values, rounded: rounded))
      unsafe try body(Factor(address: rounded, stride: stride))
    }
  }
}
