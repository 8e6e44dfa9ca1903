internal import CKernels

extension Backend {
  /// Softmax cross-entropy: adds weight · Σ −log p(label) to `loss` [1]; fills `dLogits` when given.
  ///
  /// - Parameters:
  ///   - logits: [texts, classes].
  ///   - labels: [texts], int32.
  ///   - weight: 1 / texts of the whole batch for the mean.
  public func crossEntropy(
    logits: Tensor, labels: Tensor, weight: Double, loss: Tensor, dLogits: Tensor?
  ) throws(DeviceError) {
    expect(labels, [logits.shape[0]], "labels")
    expect(dLogits, logits.shape, "dLogits")
    expect(loss, [1], "loss")
    unsafe try crossEntropy(
      CKCrossEntropy(
        rowCount: Int32(logits.shape[0]), classCount: Int32(logits.shape[1]),
        weight: Float(weight), logits: logits.floats, labels: labels.integers,
        dLogits: dLogits?.writableFloats, loss: loss.writableFloats))
  }
  /// Negative entropy of the predicted probabilities p: adds weight · Σ p log p to `loss` [1] and
  /// fills `dLogits`.
  ///
  /// - Parameters:
  ///   - logits: [texts, classes].
  ///   - weight: 1 / texts of the whole batch for the mean.
  public func outputEntropy(
    logits: Tensor, weight: Double, loss: Tensor, dLogits: Tensor
  ) throws(DeviceError) {
    expect(dLogits, logits.shape, "dLogits")
    expect(loss, [1], "loss")
    unsafe try outputEntropy(
      CKOutputEntropy(
        rowCount: Int32(logits.shape[0]), classCount: Int32(logits.shape[1]),
        weight: Float(weight), logits: logits.floats, dLogits: dLogits.writableFloats,
        loss: loss.writableFloats))
  }
}
