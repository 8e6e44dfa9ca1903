internal import CKernels

/// Hyperparameters of AdamW; the defaults are torch.optim.AdamW's.
public struct AdamWParameters: Sendable, Equatable {
  /// Decay of the first moment.
  public var beta1 = 0.9
  /// Decay of the second moment.
  public var beta2 = 0.999
  /// Added to the root of the second moment.
  public var epsilon = 1e-8
  /// Decoupled weight decay, on every parameter as in the paper's code.
  public var weightDecay = 0.01

  /// torch's defaults but for the given weight decay.
  public init(weightDecay: Double = 0.01) { self.weightDecay = weightDecay }
}

extension Backend {
  /// Writes the norm of `values` and `rows` together and the clipping factor min(1, maximum / (norm + 1e-6)) into
  /// `result` [2].
  public func globalNorm(
    of values: Tensor, and rows: TableRows? = nil, clippingAt maximum: Double = .infinity,
    into result: Tensor
  ) throws(DeviceError) {
    expect(result, [2], "result")
    unsafe try globalNorm(
      CKGlobalNorm(
        count: Int64(values.count), values: values.floats,
        rowCount: Int64(rows?.indices.count ?? 0), size: Int32(rows?.table.shape[1] ?? 0),
        rows: rows?.indices.integers, table: rows?.table.floats, maximumNorm: Float(maximum),
        result: result.writableFloats))
  }

  /// Writes Σ left · right of tensors of equal size into `result` [1].
  public func innerProduct(
    _ left: Tensor, _ right: Tensor, into result: Tensor
  ) throws(DeviceError) {
    precondition(
      left.count == right.count, "\(left.shape) and \(right.shape) have no inner product")
    expect(result, [1], "result")
    unsafe try innerProduct(
      CKInnerProduct(
        count: Int64(left.count), left: left.floats, right: right.floats,
        result: result.writableFloats))
  }

  /// One AdamW step (`adamw.h`) over tensors of equal size.
  ///
  /// - Parameters:
  ///   - gradientScale: [1], multiplies the gradient.
  ///   - clearingFirst: so many elements of the gradient, from the first on, are set to zero.
  public func adamW(
    _ parameters: AdamWParameters, learningRate: Double, step: Int, gradientScale: Tensor?,
    gradient: Tensor, clearingFirst clearedCount: Int = 0, parameter: Tensor, firstMoment: Tensor,
    secondMoment: Tensor
  ) throws(DeviceError) {
    for tensor in [gradient, firstMoment, secondMoment] {
      precondition(tensor.count == parameter.count, "AdamW works on tensors of equal size")
    }
    precondition(step >= 1, "AdamW counts its steps from 1")
    precondition(clearedCount <= gradient.count, "no more is cleared than there is")
    // The kernel takes four at a time; what it does not round, a product will.
    var rounded = parameter.partWithFactors(on: self)
    if let part = rounded, !(parameter.count - part.count).isMultiple(of: 4) { rounded = nil }
    unsafe try adamW(
      CKAdamW(
        count: Int64(parameter.count), learningRate: learningRate, beta1: parameters.beta1,
        beta2: parameters.beta2, epsilon: parameters.epsilon, weightDecay: parameters.weightDecay,
        step: Int64(step), gradientScale: gradientScale?.floats, gradient: gradient.writableFloats,
        clearedCount: Int64(clearedCount), parameter: parameter.writableFloats,
        firstMoment: firstMoment.writableFloats, secondMoment: secondMoment.writableFloats,
        roundedParameter: rounded?.roundedAddress(on: self),
        firstRounded: Int64(rounded.map { parameter.count - $0.count } ?? 0), state: nil))
    rounded?.keepFactors(on: self, always: true)
  }

  /// AdamW on the rows of a table that a step reads, everything that they missed included (`adamw_rows.h`).
  ///
  /// - Parameters:
  ///   - step: from 1: the step up to which the rows are moved. It must not be more than
  ///     `RowProgress.reach` beyond the step of any of them.
  ///   - rows: [n], int32, each once; nil for all rows.
  ///   - gradient: [rows of the table, columns], of `step` alone; nil if that step has no gradient yet or none is left.
  ///   - parameter: [rows of the table, columns].
  public func adamW(
    _ parameters: AdamWParameters, learningRate: Double, step: Int, gradientScale: Tensor?,
    rows: Tensor?, progress: RowProgress, gradient: Tensor?, clearingGradient: Bool = false,
    parameter: Tensor, firstMoment: Tensor, secondMoment: Tensor
  ) throws(DeviceError) {
    let shape = [progress.rowSteps.count, parameter.shape[1]]
    for tensor in [parameter, firstMoment, secondMoment] { expect(tensor, shape, "table") }
    expect(gradient, shape, "gradient")
    precondition(step >= 0, "AdamW counts its steps from 1")
    unsafe try adamWRows(
      CKAdamWRows(
        table: CKAdamW(
          count: Int64(parameter.count), learningRate: learningRate, beta1: parameters.beta1,
          beta2: parameters.beta2, epsilon: parameters.epsilon,
          weightDecay: parameters.weightDecay, step: Int64(step),
          gradientScale: gradientScale?.floats,
          gradient: (gradient ?? parameter).writableFloats,
          clearedCount: 0, parameter: parameter.writableFloats,
          firstMoment: firstMoment.writableFloats, secondMoment: secondMoment.writableFloats,
          roundedParameter: nil, firstRounded: 0, state: nil),
        size: Int32(shape[1]), rowCount: Int64(rows?.count ?? shape[0]), rows: rows?.integers,
        clearsGradient: clearingGradient, hasGradient: gradient != nil,
        rowSteps: progress.rowSteps.integers,
        history: progress.history.writableFloats))
  }
}

/// Some rows of a table.
public struct TableRows: Sendable {
  let table: Tensor
  let indices: Tensor

  /// - Parameters:
  ///   - table: [rows, columns].
  ///   - indices: [n], int32, each once.
  public init(_ table: Tensor, at indices: Tensor) {
    precondition(table.shape.count == 2, "a table has rows and columns")
    self.table = table
    self.indices = indices
  }
}

/// How far AdamW has moved each row of a table, and the factors of the steps that some rows have yet to make.
public struct RowProgress: Sendable {
  /// Steps that a row may stay behind.
  public static let reach = Int(ckAdamWHistoryLength)

  let rowSteps: Tensor
  let history: Tensor

  /// Every row is at `step`, the number of steps that are done.
  public init(rowCount: Int, step: Int, on backend: any Backend) throws(DeviceError) {
    rowSteps = try Tensor(Array(repeating: Int32(step), count: rowCount), on: backend)
    history = try Tensor([Self.reach, Int(ckAdamWFactorCount)], on: backend)
    try backend.fill(history, with: 0)
  }

  /// Puts every row at `step`.
  public func reset(to step: Int) throws(DeviceError) {
    try rowSteps.write(Array(repeating: Int32(step), count: rowSteps.count))
  }
}
