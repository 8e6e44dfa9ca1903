import Checkpoints
import Conformance
import Encoders
import Files
import Tensors
import Testing
import Text

@testable import Training

/// Texts that spell RoBERTa's padding token, id 1, against what transformers 4.57.6 and 5.23.0
/// compute from the tiny RoBERTa of the fixtures in float64, text by text and without dropout.
/// Public reports: huggingface/transformers issues 1761 and 15292.
@Suite struct `A padding token that a text spells` {
  private let texts: [[Int32]] = [[0, 5, 1, 7, 1, 1, 9, 2], [0, 11, 12, 2], [0, 1, 1, 8, 2]]
  private let model: Classifier
  private let batch: EncoderBatch

  init() throws {
    let fixtures = Path.join(Path.parent(of: Path.parent(of: #filePath)), "Fixtures")
    var checkpoint = try ModelCheckpoint.load(directory: "\(fixtures)/models/roberta")
    checkpoint.configuration.hiddenDropout = 0
    checkpoint.configuration.attentionDropout = 0
    checkpoint.configuration.classifierDropout = 0
    model = try Classifier(checkpoint, on: CPUBackend.shared)
    let data = EncodedDataset(
      texts, labels: [0, 2, 1], padding: checkpoint.configuration.padding)
    batch = try EncoderBatch(Batch(data, indices: [0, 1, 2]), on: model.backend)
  }

  /// No element further off than twice the worst of PyTorch's own float32 run, plus the rounding
  /// of a sum of 40 terms: no sum here is longer.
  private func expect(
    _ actual: [Float], _ expected: [Double], largest: Double, deviation: Double,
    _ location: SourceLocation = #_sourceLocation
  ) {
    let bound = 2 * deviation + Tolerance.relativeError(terms: 40) * largest
    #expect(actual.count == expected.count, sourceLocation: location)
    for (actual, expected) in zip(actual, expected) {
      #expect(abs(Double(actual) - expected) <= bound, sourceLocation: location)
    }
  }

  @Test func `gives the logits of transformers`() throws {
    let expected = [
      0.519242122, 1.20769935, -0.152383645, 0.737016684, 1.232805626, -0.289784552, 0.689742167,
      1.380795651, 0.05113077,
    ]
    let logits = try model.forward(batch, PassOptions()).logits.hostFloats()
    expect(logits, expected, largest: 1.38, deviation: 3.98e-7)
  }

  @Test func `moves up the positions after it, and trains neither of its own rows`() throws {
    let options = PassOptions(savesActivations: true)
    let pass = try model.forward(batch, options)
    let gradient = try ParameterBlock(model.parameters.layout, on: model.backend)
    try model.backend.fill(gradient.embeddings, with: 0)
    var gradients = LossGradients()
    let loss = try Tensor([Float(0)], on: model.backend)
    try CrossEntropyTerm().add(
      to: &gradients, loss: loss,
      LossContext(pass: pass, batch: batch, part: .whole(batch), headMask: nil))
    try model.backward(gradients, pass, batch, options, into: gradient)

    let size = model.configuration.hiddenSize
    let positions = try gradient[ParameterName.positionEmbedding].hostFloats()
    let words = try gradient[ParameterName.wordEmbedding].hostFloats()
    func rowsWithGradient(_ table: [Float]) -> [Int] {
      (0..<table.count / size).filter { row in
        table[row * size..<(row + 1) * size].contains { $0 != 0 }
      }
    }
    #expect(rowsWithGradient(positions) == [2, 3, 4, 5, 6])
    #expect(rowsWithGradient(words) == [0, 2, 5, 7, 8, 9, 11, 12])
    // The first and the last element of each of these rows.
    let actual = (2...6).flatMap { [positions[$0 * size], positions[$0 * size + size - 1]] }
    let expected = [
      0.013668305, -0.015292316, 0.00177023024, -0.00476601204, 0.00178978523, -0.0030334288,
      0.00388064873, -0.000401192418, -0.00267584234, -0.00499570142,
    ]
    expect(actual, expected, largest: 0.0721, deviation: 3.62e-8)
  }
}
