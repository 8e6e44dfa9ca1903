internal import CKernels

/// What both passes of the first tokens' attention read (`first_token_attention.h`).
public struct FirstTokenInputs: Sendable {
  /// The texts.
  public var sequences: PackedSequences
  /// [texts, headCount, size]: queries that were carried back through the weight of the keys.
  public var query: Tensor
  /// [rows, size]: the layer's input.
  public var input: Tensor
  /// What scores are multiplied by: 1 / √headSize.
  public var scale: Double
  /// [headCount] of 0 or 1; nil when every head is alive.
  public var headMask: Tensor?
  /// Dropout of the attention weights.
  public var dropout: Dropout

  /// Collects the inputs.
  public init(
    sequences: PackedSequences, query: Tensor, input: Tensor, scale: Double,
    headMask: Tensor? = nil, dropout: Dropout = .none
  ) {
    precondition(
      query.shape.count == 3 && input.shape.count == 2,
      "queries are [texts, heads, features] and inputs [tokens, features]")
    expect(query, [sequences.sequenceCount, query.shape[1], input.shape[1]], "query")
    expect(input, [sequences.rowCount, input.shape[1]], "input")
    expect(headMask, [query.shape[1]], "headMask")
    self.sequences = sequences
    self.query = query
    self.input = input
    self.scale = scale
    self.headMask = headMask
    self.dropout = dropout
  }

  var headCount: Int { query.shape[1] }
  var perText: [Int] { [sequences.sequenceCount, headCount] }
  var perToken: [Int] { [sequences.tokenCount, headCount] }

  var parameters: CKFirstTokenInputs {
    unsafe CKFirstTokenInputs(
      sequenceCount: Int32(sequences.sequenceCount), tokenCount: Int32(sequences.fewestTokens),
      rowCount: Int32(sequences.rowCount), headCount: Int32(headCount), size: Int32(input.shape[1]),
      longestSequence: Int32(sequences.longestSequence),
      sequenceOffsets: sequences.offsets.integers, query: query.floats, input: input.floats,
      scale: Float(scale), headMask: headMask?.floats, dropout: dropout.parameters)
  }
}

extension Backend {
  /// What each text's first token attends to.
  ///
  /// - Parameters:
  ///   - attended: the attended input and the sum of its weights, written.
  ///   - probabilities: [tokens, headCount], written; the backward pass reads them.
  ///   - cls: sums of the attention row, written when given.
  public func firstTokenAttention(
    _ inputs: FirstTokenInputs, into attended: HeadInputs, probabilities: Tensor,
    cls: CLSAttention? = nil
  ) throws(DeviceError) {
    expect(attended.values, inputs.query.shape, "attended")
    expect(probabilities, inputs.perToken, "probabilities")
    expect(cls?.squareSum, inputs.perText, "squareSum")
    expect(cls?.sum, inputs.perText, "sum")
    unsafe try firstTokenForward(
      CKFirstTokenForward(
        inputs: inputs.parameters, probabilities: probabilities.writableFloats,
        attended: attended.values.writableFloats,
        weightSum: weightSum(of: attended), clsSquareSum: cls?.squareSum.writableFloats,
        clsSum: cls?.sum?.writableFloats, clsPrefix: Int32(cls?.prefix ?? 0),
        clsAfterDropout: cls?.afterDropout ?? false))
  }

  /// Gradients of `firstTokenAttention`, and of the norm term when `clsCoefficient` [texts, headCount] is given.
  ///
  /// - Parameters:
  ///   - dQuery: like the query, overwritten.
  ///   - dInput: like the input, overwritten.
  public func firstTokenAttentionGradient(
    _ dAttended: HeadInputs, inputs: FirstTokenInputs, probabilities: Tensor,
    clsCoefficient: Tensor? = nil, clsAfterDropout: Bool = false, dQuery: Tensor, dInput: Tensor
  ) throws(DeviceError) {
    expect(dAttended.values, inputs.query.shape, "dAttended")
    expect(probabilities, inputs.perToken, "probabilities")
    expect(clsCoefficient, inputs.perText, "clsCoefficient")
    expect(dQuery, inputs.query.shape, "dQuery")
    expect(dInput, inputs.input.shape, "dInput")
    unsafe try firstTokenBackward(
      CKFirstTokenBackward(
        inputs: inputs.parameters, probabilities: probabilities.floats,
        dAttended: dAttended.values.floats, dWeightSum: weightSum(of: dAttended),
        clsCoefficient: clsCoefficient?.floats, clsAfterDropout: clsAfterDropout,
        dQuery: dQuery.writableFloats, dInput: dInput.writableFloats))
  }

  @unsafe private func weightSum(of attended: HeadInputs) -> UnsafeMutablePointer<Float> {
    guard let sum = attended.biasInput else {
      preconditionFailure("the attended input comes with the sum of its weights")
    }
    return unsafe sum.writableFloats
  }
}
