import Files
import Tensors
import Testing

@testable import Training

@Suite struct `A training report` {
  @Test func `survives JSON to the last bit`() throws {
    var report = TrainingReport(precision: .bf16)
    report.selectedEpoch = 2
    report.epochs = [
      EpochRecord(
        epoch: 1, loss: 0.1 + 0.2, validationAccuracy: nil, seconds: 1 / 3.0,
        dataSeconds: 1 / 7.0, tokensPerSecond: 1e9),
      EpochRecord(
        epoch: 2, loss: .leastNormalMagnitude, validationAccuracy: 2 / 3.0, seconds: 0,
        dataSeconds: 0, tokensPerSecond: 7),
    ]
    report.curve = [MeasuredPoint(step: 7, value: 1 / 3.0), MeasuredPoint(step: 9, value: 0)]
    let text = Array(report.json.text().utf8)
    let node = JSONNode(try JSONValue(parsing: text, file: "report.json"), file: "report.json")
    #expect(try TrainingReport(node) == report)
    #expect(report.seconds == 1 / 3.0)
  }

  @Test func `of a run that measured nothing says nothing about a curve`() throws {
    let report = TrainingReport()
    #expect(report.json["curve"] == nil)
    #expect(try TrainingReport(JSONNode(report.json, file: "report.json")).curve.isEmpty)
  }

  @Test func `without a precision is from a version that had fp32 alone`() throws {
    let node = JSONNode(["selectedEpoch": 0, "epochs": []], file: "report.json")
    #expect(try TrainingReport(node).precision == .fp32)
    let other = JSONNode(
      ["selectedEpoch": 0, "epochs": [], "precision": "fp8"], file: "report.json")
    #expect(throws: InputError.self) { try TrainingReport(other) }
  }

  /// A saved state that said so was gone on from, and a model without an epoch was kept.
  @Test func `keeps one of its epochs, if there are any`() throws {
    var report = TrainingReport()
    report.epochs = [
      EpochRecord(
        epoch: 1, loss: 1, validationAccuracy: nil, seconds: 1, dataSeconds: 0, tokensPerSecond: 1)
    ]
    for (epoch, isRight) in [(-1, false), (0, false), (1, true), (2, false)] {
      report.selectedEpoch = epoch
      let node = JSONNode(report.json, file: "report.json")
      #expect((try? TrainingReport(node)) == (isRight ? report : nil))
    }
  }
}
