// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels

/// A matrix of floats on the device, row-major.
@unsafe private struct Values {
  let address: UnsafePointer<Float>
  let rows: Int32
  let columns: Int32
  let factors: CKFactors

  /// Numbers from one rounded row to the next.
  var stride: Int32 { unsafe (columns + 7) / 8 * 8 }
  /// Rounded numbers that have no place yet.
  var scratchCount: Int { unsafe factors.values == nil ? Int(rows) * Int(stride) : 0 }
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
    let input = unsafe Values(
      address: arguments.input, rows: rows, columns: inputSize, factors: arguments.inputFactors)
    let weight = unsafe Values(
      address: arguments.weight, rows: outputSize, columns: inputSize,
      factors: arguments.weightFactors)
    // More than a bias is for a pass of its own, which then adds it too.
    let isSimple =
      unsafe arguments.preActivation == nil && arguments.activation == .identity
      && arguments.roundedOutput == nil
    var isDone = unsafe isSimple && arguments.bias == nil
    unsafe try withFactors([input, weight]) { factors throws(DeviceError) in
      let hasBias = unsafe try context.multiply(
        CKCUDAProduct(
          factors: precision.factors, rows: rows, columns: outputSize, depth: inputSize,
          transposesLeft: false, transposesRight: true, left: factors[0].address,
          leftStride: factors[0].stride, right: factors[1].address,
          rightStride: factors[1].stride, beta: 0, output: arguments.output,
          outputStride: outputSize, bias: isSimple ? arguments.bias : nil))
      isDone = isDone || hasBias
    }
    if isDone { return }
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
    var values = unsafe [
      Values(
        address: arguments.dOutput, rows: rows, columns: outputSize,
        factors: arguments.dOutputFactors)
    ]
    if let input = unsafe arguments.input, unsafe arguments.dWeight != nil {
      unsafe values.append(
        Values(
          address: input, rows: rows, columns: arguments.inputSize,
          factors: arguments.inputFactors))
    }
    if let weight = unsafe arguments.weight, unsafe arguments.dInput != nil {
      unsafe values.append(
        Values(
          address: weight, rows: outputSize, columns: arguments.inputSize,
          factors: arguments.weightFactors))
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
        beta: arguments.accumulatesParameters ? 1 : 0, output: dWeight, outputStride: inputSize,
        bias: nil))
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
        beta: arguments.accumulatesInput ? 1 : 0, output: dInput, outputStride: inputSize, bias: nil
      ))
  }
}

// MARK: Factors

extension CUDABackend {
  /// Runs `body` with two or three matrices as products of this precision take them. In bf16 one
  /// launch rounds those that are not rounded yet: into their factors, else into scratch memory,
  /// where rows begin at multiples of 16 bytes, as tensor cores like them.
  private func withFactors(
    _ matrices: [Values], _ body: ([Factor]) throws(DeviceError) -> Void
  ) throws(DeviceError) {
    guard precision == .bf16 else {
      return unsafe try body(
        matrices.map { unsafe Factor(address: UnsafeRawPointer($0.address), stride: $0.columns) })
    }
    let scratch = unsafe matrices.reduce(0) { unsafe $0 + $1.scratchCount }
    guard scratch > 0 else { return unsafe try body(round(matrices, scratch: nil)) }
    unsafe try withScratch(UInt16.self, count: scratch) { memory throws(DeviceError) in
      unsafe try body(round(matrices, scratch: memory))
    }
  }

  private func round(
    _ matrices: [Values], scratch: UnsafeMutablePointer<UInt16>?
  ) throws(DeviceError) -> [Factor] {
    var next = unsafe scratch
    var (factors, due) = unsafe ([Factor](), [CKRounding]())
    for index in unsafe matrices.indices {
      let matrix = unsafe matrices[index]
      guard let place = unsafe matrix.factors.values ?? next else {
        preconditionFailure("a matrix without factors needs scratch memory")
      }
      unsafe factors.append(Factor(address: UnsafeRawPointer(place), stride: matrix.stride))
      unsafe next = next.map { unsafe $0 + matrix.scratchCount }
      if unsafe matrix.factors.values != nil && matrix.factors.isCurrent { continue }
      unsafe due.append(
        CKRounding(
          rowCount: matrix.rows, columnCount: matrix.columns, stride: matrix.stride,
          values: matrix.address, rounded: place))
    }
    guard var none = unsafe due.first else { return unsafe factors }
    unsafe none.rowCount = 0
    let rows = unsafe due.reduce(0) { unsafe $0 + $1.rowCount }
    let widest = unsafe due.map { unsafe $0.stride }.max() ?? 0
    unsafe try context.launch(
      "roundToBFloat16_rowPerBlock", .rows(rows, columns: widest), due[0],
      due.count > 1 ? due[1] : none, due.count > 2 ? due[2] : none)
    return unsafe factors
  }
}
