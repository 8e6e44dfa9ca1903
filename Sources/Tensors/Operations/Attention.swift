internal import CKernels

/// Where the texts of a packed batch begin and end.
public struct PackedSequences: Sendable {
  /// [sequenceCount + 1], int32, ascending from 0 to the token count.
  public let offsets: Tensor
  /// Texts.
  public let sequenceCount: Int
  /// Tokens of all texts.
  public let tokenCount: Int
  /// Rows of the matrices that have one a token: those behind the last text's are inert. What is
  /// computed for them is finite and reaches nothing, and their gradients are zero.
  public let rowCount: Int
  /// Tokens of the longest text.
  public let longestSequence: Int
  /// Of the batches that work is recorded for on a GPU, the fewest tokens; `tokenCount` where it is not.
  public let fewestTokens: Int

  /// Describes texts whose offsets lie on the device in `offsets`.
  ///
  /// - Parameters:
  ///   - rowCount: nil: as many as tokens.
  ///   - fewestTokens: of the batches that the same work may be for; nil: `tokenCount`.
  public init(
    offsets: Tensor, tokenCount: Int, rowCount: Int? = nil, longestSequence: Int,
    fewestTokens: Int? = nil
  ) {
    precondition(offsets.elementType == .int32, "sequence offsets are int32")
    let rowCount = rowCount ?? tokenCount
    precondition(rowCount >= tokenCount, "\(rowCount) rows do not hold \(tokenCount) tokens")
    self.offsets = offsets
    self.sequenceCount = offsets.count - 1
    self.tokenCount = tokenCount
    self.rowCount = rowCount
    self.longestSequence = longestSequence
    self.fewestTokens = fewestTokens ?? tokenCount
  }
}

/// A block of columns of a matrix: query, key and value are columns of one product's output.
public struct Columns: Sendable {
  let matrix: Tensor
  let offset: Int
  let size: Int

  /// Columns `offset ..< offset + size` of `matrix`.
  public init(_ matrix: Tensor, offset: Int, size: Int) {
    precondition(
      matrix.shape.count == 2 && offset >= 0 && offset + size <= matrix.shape[1],
      "columns \(offset) ..< \(offset + size) leave a matrix of shape \(matrix.shape)")
    self.matrix = matrix
    self.offset = offset
    self.size = size
  }

  var rowCount: Int { matrix.shape[0] }
  var stride: Int32 { Int32(matrix.shape[1]) }
  var floats: UnsafePointer<Float> { unsafe matrix.floats + offset }
  var writableFloats: UnsafeMutablePointer<Float> { unsafe matrix.writableFloats + offset }
  @unsafe func factorAddress(on backend: any Backend) -> UnsafeMutablePointer<UInt16>? {
    unsafe matrix.factorAddress(on: backend).map { unsafe $0 + offset }
  }
}

/// What forward and backward attention both read (`attention.h`).
public struct AttentionInputs: Sendable {
  /// The texts.
  public var sequences: PackedSequences
  /// [rows, features].
  public var query: Columns
  /// [rows, features].
  public var key: Columns
  /// [rows, features].
  public var value: Columns
  /// Attention heads; the head size is the columns' size divided by it.
  public var headCount: Int
  /// [headCount] of 0 or 1; nil when every head is alive.
  public var headMask: Tensor?
  /// Dropout of the attention weights.
  public var dropout: Dropout

  /// Collects the inputs; shapes are checked by the operations.
  public init(
    sequences: PackedSequences, query: Columns, key: Columns, value: Columns, headCount: Int,
    headMask: Tensor? = nil, dropout: Dropout = .none
  ) {
    precondition(
      query.rowCount == sequences.rowCount && key.rowCount == sequences.rowCount
        && value.rowCount == sequences.rowCount,
      "attention over \(sequences.rowCount) rows was given \(query.rowCount) query, "
        + "\(key.rowCount) key and \(value.rowCount) value rows")
    precondition(
      query.size % headCount == 0 && key.size == query.size && value.size == query.size,
      "\(query.size) features do not divide into \(headCount) heads")
    precondition(
      query.stride == key.stride && key.stride == value.stride,
      "query, key and value rows lie equally far apart")
    expect(headMask, [headCount], "headMask")
    self.sequences = sequences
    self.query = query
    self.key = key
    self.value = value
    self.headCount = headCount
    self.headMask = headMask
    self.dropout = dropout
  }

  var headSize: Int { query.size / headCount }
  /// Rows and columns of the context.
  public var contextShape: [Int] { [query.rowCount, query.size] }

  var parameters: CKAttentionInputs {
    unsafe CKAttentionInputs(
      sequenceCount: Int32(sequences.sequenceCount), tokenCount: Int32(sequences.fewestTokens),
      rowCount: Int32(sequences.rowCount),
      headCount: Int32(headCount), headSize: Int32(headSize),
      longestSequence: Int32(sequences.longestSequence),
      sequenceOffsets: sequences.offsets.integers, query: query.floats, key: key.floats,
      value: value.floats, rowStride: query.stride, headMask: headMask?.floats,
      dropout: dropout.parameters)
  }
}

/// The [CLS] row's sums that attention reports on request.
public struct CLSAttention: Sendable {
  /// Σ a², [sequenceCount, headCount].
  public var squareSum: Tensor
  /// Σ a over the same entries, [sequenceCount, headCount]; differs from 1 only with a prefix or after dropout.
  public var sum: Tensor?
  /// Entries of the row that count, from the first; 0 for all.
  public var prefix: Int
  /// The weights after dropout instead of before it.
  public var afterDropout: Bool

  /// Names the tensors that attention fills.
  public init(squareSum: Tensor, sum: Tensor? = nil, prefix: Int = 0, afterDropout: Bool = false) {
    self.squareSum = squareSum
    self.sum = sum
    self.prefix = prefix
    self.afterDropout = afterDropout
  }
}

extension Backend {
  /// Softmax attention of every text over itself (`attention.h`).
  ///
  /// - Parameters:
  ///   - context: [rows, features], written.
  ///   - logSumExp: [rows, headCount], written for the backward pass when given.
  ///   - cls: sums of the [CLS] row, written when given.
  public func attention(
    _ inputs: AttentionInputs, into context: Tensor, logSumExp: Tensor? = nil,
    cls: CLSAttention? = nil
  ) throws(DeviceError) {
    let perText = [inputs.sequences.sequenceCount, inputs.headCount]
    expect(context, inputs.contextShape, "context")
    expect(logSumExp, [inputs.query.rowCount, inputs.headCount], "logSumExp")
    expect(cls?.squareSum, perText, "squareSum")
    expect(cls?.sum, perText, "sum")
    let rounds = inputs.headSize.isMultiple(of: 2)
    unsafe try attentionForward(
      CKAttentionForward(
        inputs: inputs.parameters, context: context.writableFloats,
        logSumExp: logSumExp?.writableFloats, clsSquareSum: cls?.squareSum.writableFloats,
        clsSum: cls?.sum?.writableFloats,
        clsPrefix: Int32(cls?.prefix ?? 0), clsAfterDropout: cls?.afterDropout ?? false,
        roundedContext: rounds ? context.factorAddress(on: self) : nil))
    if rounds { context.keepFactors(on: self) }
  }

  /// Gradients of `attention`, and of the norm term when `clsCoefficient` [sequenceCount, headCount] is given.
  /// `dQuery`, `dKey` and `dValue` are laid out as query, key and value are, and are overwritten.
  public func attentionGradient(
    _ dContext: Tensor, inputs: AttentionInputs, context: Tensor, logSumExp: Tensor,
    clsCoefficient: Tensor? = nil, clsAfterDropout: Bool = false, dQuery: Columns, dKey: Columns,
    dValue: Columns
  ) throws(DeviceError) {
    expect(dContext, inputs.contextShape, "dContext")
    expect(context, inputs.contextShape, "context")
    expect(logSumExp, [inputs.query.rowCount, inputs.headCount], "logSumExp")
    expect(
      clsCoefficient, [inputs.sequences.sequenceCount, inputs.headCount], "clsCoefficient")
    for (gradient, source) in [(dQuery, inputs.query), (dKey, inputs.key), (dValue, inputs.value)] {
      precondition(
        gradient.matrix.shape == source.matrix.shape && gradient.size == source.size,
        "a gradient of query, key and value lies as they do: \(gradient.matrix.shape) for "
          + "\(source.matrix.shape)")
    }
    // What no gradient is written to would be rounded by nobody.
    let matrix = dQuery.matrix
    let rounds =
      inputs.headSize.isMultiple(of: 2) && 3 * dQuery.size == matrix.shape[1]
      && Set([dQuery, dKey, dValue].map(\.offset)) == [0, dQuery.size, 2 * dQuery.size]
    unsafe try attentionBackward(
      CKAttentionBackward(
        inputs: inputs.parameters, context: context.floats, logSumExp: logSumExp.floats,
        dContext: dContext.floats, clsCoefficient: clsCoefficient?.floats,
        clsAfterDropout: clsAfterDropout, dQuery: dQuery.writableFloats,
        dKey: dKey.writableFloats, dValue: dValue.writableFloats,
        roundedQuery: rounds ? dQuery.factorAddress(on: self) : nil,
        roundedKey: rounds ? dKey.factorAddress(on: self) : nil,
        roundedValue: rounds ? dValue.factorAddress(on: self) : nil))
    if rounds { matrix.keepFactors(on: self) }
  }

  /// The norm term of one layer (`attention_norm.h`): adds to `loss` [1], fills `coefficient`.
  ///
  /// - Parameters:
  ///   - squareSum: [sequenceCount, headCount] from `attention`.
  ///   - weight: mu · lambda of the layer.
  ///   - textCount: texts of the whole batch.
  ///   - jointBatch: one norm over the whole batch a head (reference recipe) instead of one a text (paper).
  public func attentionNorm(
    squareSum: Tensor, headMask: Tensor?, weight: Double, textCount: Int, jointBatch: Bool,
    coefficient: Tensor, loss: Tensor
  ) throws(DeviceError) {
    expect(coefficient, squareSum.shape, "coefficient")
    expect(headMask, [squareSum.shape[1]], "headMask")
    expect(loss, [1], "loss")
    unsafe try attentionNorm(
      CKAttentionNorm(
        sequenceCount: Int32(squareSum.shape[0]), headCount: Int32(squareSum.shape[1]),
        textCount: Int32(textCount), jointBatch: jointBatch, weight: Float(weight),
        headMask: headMask?.floats, clsSquareSum: squareSum.floats,
        coefficient: coefficient.writableFloats, loss: loss.writableFloats))
  }
}
