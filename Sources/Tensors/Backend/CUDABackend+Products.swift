// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels

/// A matrix of floats on the device, row-major.
@unsafe private struct Values {
  let address: UnsafePointer<Float>
  let rows: Int32
  let columns: Int32
}

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
    let input = unsafe Values(address: arguments.input, rows: rows, columns: inputSize)
    let weight = unsafe Values(address: arguments.weight, rows: outputSize, columns: inputSize)
    unsafe try withFactors([input, weight]) { factors throws(DeviceError) in
      unsafe try context.multiply(
        CKCUDAProduct(
          factors: precision.factors, rows: rows, columns: outputSize, depth: inputSize,
          transposesLeft: false, transposesRight: true, left: factors[0].address,
          leftStride: factors[0].stride, right: factors[1].address,
          rightStride: factors[1].stride, beta: 0, output: arguments.output,
          outputStride: outputSize))
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
    var values = unsafe [Values(address: arguments.dOutput, rows: rows, columns: outputSize)]
    if let input = unsafe arguments.input, unsafe arguments.dWeight != nil {
      unsafe values.append(Values(address: input, rows: rows, columns: arguments.inputSize))
    }
    if let weight = unsafe arguments.weight, unsafe arguments.dInput != nil {
      unsafe values.append(Values(address: weight, rows: outputSize, columns: arguments.inputSize))
    }
    guard unsafe values.count > 1 else { return }
    unsafe try withFactors(values) { factors throws(DeviceError) in
      if let dWeight = unsafe arguments.dWeight, unsafe arguments.input != nil {
        unsafe try weightGradient(arguments, factors[0], factors[1], into: dWeight)
      }
      // Without a weight the last factor is the input.
      if let dInput = unsafe arguments.dInput, unsafe arguments.weight != nil,
        let weight = unsafe factors.last
      {
        unsafe try inputGradient(arguments, factors[0], weight, into: dInput)
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
    _ arguments: CKLinearBackward, _ dOutput: Factor, _ input: Factor,
    into dWeight: UnsafeMutablePointer<Float>
  ) throws(DeviceError) {
    let (rows, inputSize) = unsafe (arguments.rowCount, arguments.inputSize)
    unsafe try context.multiply(
      CKCUDAProduct(
        factors: precision.factors, rows: arguments.outputSize, columns: inputSize, depth: rows,
        transposesLeft: true, transposesRight: false, left: dOutput.address,
        leftStride: dOutput.stride, right: input.address, rightStride: input.stride,
        beta: arguments.accumulatesParameters ? 1 : 0, output: dWeight, outputStride: inputSize))
  }

  private func inputGradient(
    _ arguments: CKLinearBackward, _ dOutput: Factor, _ weight: Factor,
    into dInput: UnsafeMutablePointer<Float>
  ) throws(DeviceError) {
    let (inputSize, outputSize) = unsafe (arguments.inputSize, arguments.outputSize)
    unsafe try context.multiply(
      CKCUDAProduct(
        factors: precision.factors, rows: arguments.rowCount, columns: inputSize, depth: outputSize,
        transposesLeft: false, transposesRight: false, left: dOutput.address,
        leftStride: dOutput.stride, right: weight.address, rightStride: weight.stride,
        beta: arguments.accumulatesInput ? 1 : 0, output: dInput, outputStride: inputSize))
  }
}

// MARK: Factors

extension CUDABackend {
  /// Runs `body` with two or three matrices as products of this precision take them. bf16 is a copy, whose rows begin
  /// at multiples of 16 bytes, as tensor cores like them; one launch makes all of them.
  private func withFactors(
    _ matrices: [Values], _ body: ([Factor]) throws(DeviceError) -> Void
  ) throws(DeviceError) {
    guard precision == .bf16 else {
      return unsafe try body(
        matrices.map { unsafe Factor(address: UnsafeRawPointer($0.address), stride: $0.columns) })
    }
    let strides = unsafe matrices.map { unsafe ($0.columns + 7) / 8 * 8 }
    let counts = unsafe zip(matrices, strides).map { unsafe Int($0.rows) * Int($1) }
    unsafe try withScratch(UInt16.self, count: counts.reduce(0, +)) {
      memory throws(DeviceError) in
      var next = unsafe memory
      var roundings = unsafe [CKRounding]()
      for index in unsafe matrices.indices {
        unsafe roundings.append(
          CKRounding(
            rowCount: matrices[index].rows, columnCount: matrices[index].columns,
            stride: strides[index], values: matrices[index].address, rounded: next))
        unsafe next += counts[index]
      }
      let rows = unsafe roundings.reduce(0) { unsafe $0 + $1.rowCount }
      var none = unsafe roundings[0]
      unsafe none.rowCount = 0
      unsafe try context.launch(
        "roundToBFloat16_rowPerBlock", .rows(rows, columns: strides.max() ?? 0), roundings[0],
        roundings[1], roundings.count > 2 ? roundings[2] : none)
      unsafe try body(
        roundings.map { unsafe Factor(address: UnsafeRawPointer($0.rounded), stride: $0.stride) })
    }
  }
}
