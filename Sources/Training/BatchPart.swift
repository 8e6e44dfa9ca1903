public import Encoders
public import Tensors
internal import Text

/// Where some texts stand in the batch that one step is about.
public struct BatchPart: Sendable {
  /// Their places among the batch's texts.
  public let texts: Range<Int>
  /// Tokens of the batch before them.
  public let firstToken: Int
  /// Texts of the whole batch.
  public let textCount: Int
  /// Texts of the step's batches before this one, which other streams have.
  public var earlierTexts = 0
  /// Tokens of those.
  public var earlierTokens = 0
  /// Of the whole batch, Σ a² of the [CLS] rows by layer, [textCount, heads]; nil where no term asks for them.
  public var squareSums: [Tensor]?

  /// Texts that are all of their batch.
  public static func whole(_ batch: EncoderBatch) -> BatchPart {
    let count = batch.sequences.sequenceCount
    return BatchPart(texts: 0..<count, firstToken: 0, textCount: count)
  }
}

extension BatchPart {
  /// Cuts a batch in two, and each piece again, until none has more than `tokenLimit` tokens or more than one text.
  /// A cut is made at the text's end that is nearest to the middle.
  static func cutting(_ batch: Batch, tokenLimit: Int) -> [BatchPart] {
    func pieces(of texts: Range<Int>) -> [Range<Int>] {
      let tokens = batch.sequenceOffsets[texts.upperBound] - batch.sequenceOffsets[texts.lowerBound]
      guard Int(tokens) > tokenLimit, texts.count > 1 else { return [texts] }
      let cut = middle(of: texts, in: batch)
      return pieces(of: texts.lowerBound..<cut) + pieces(of: cut..<texts.upperBound)
    }
    return pieces(of: 0..<batch.count).map { texts in
      BatchPart(
        texts: texts, firstToken: Int(batch.sequenceOffsets[texts.lowerBound]),
        textCount: batch.count)
    }
  }

  /// Tokens of the larger half that a cut of these texts makes; nil where a cut makes nothing smaller.
  static func largerHalf(of texts: Range<Int>, in batch: Batch) -> Int? {
    let offsets = batch.sequenceOffsets
    let (start, end) = (offsets[texts.lowerBound], offsets[texts.upperBound])
    let cut = offsets[middle(of: texts, in: batch)]
    let half = max(cut - start, end - cut)
    return half < end - start ? Int(half) : nil
  }

  private static func middle(of texts: Range<Int>, in batch: Batch) -> Int {
    let offsets = batch.sequenceOffsets
    let twice = offsets[texts.lowerBound] + offsets[texts.upperBound]
    return texts.dropFirst().min { abs(2 * offsets[$0] - twice) < abs(2 * offsets[$1] - twice) }
      ?? texts.upperBound
  }
}
