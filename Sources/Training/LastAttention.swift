internal import Checkpoints
public import Encoders
internal import Tensors
public import Text

extension Classifier {
  /// What [CLS] of the last layer attends to in a text, `[head][token]`, with dropout off (paper
  /// section 4.1 and Figure 3): each row adds up to 1, that of a masked head to 0.
  ///
  /// - Precondition: the data set holds one text.
  public func lastAttention(
    on text: EncodedDataset, headMask: HeadMask? = nil
  ) throws -> [[Double]] {
    precondition(text.count == 1, "the attention of one text is asked for, not of \(text.count)")
    let batch = try EncoderBatch(Batch(text, indices: [0]), on: backend)
    let pass = try encoder.forward(
      batch,
      PassOptions(headMask: try headMask?.tensor(on: backend), savesActivations: true))
    guard let weights = try pass.lastAttention?.hostFloats() else {
      preconditionFailure("a pass that saves its activations has the last layer's attention")
    }
    guard weights.allSatisfy(\.isFinite) else { throw TrainingError.notFinite }
    let heads = configuration.headCount
    return (0..<heads).map { head in
      stride(from: head, to: weights.count, by: heads).map { Double(weights[$0]) }
    }
  }
}
