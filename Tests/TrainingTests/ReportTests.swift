import Files
import Testing

@testable import Training

@Suite struct `A training report` {
  @Test func `survives JSON to the last bit`() throws {
    var report = TrainingReport()
    report.selectedEpoch = 2
    report.epochs = [
      EpochRecord(
        epoch: 1, loss: 0.1 + 0.2, validationAccuracy: nil, seconds: 1 / 3.0,
        dataSeconds: 1 / 7.0, tokensPerSecond: 1e9),
      EpochRecord(
        epoch: 2, loss: .leastNormalMagnitude, validationAccuracy: 2 / 3.0, seconds: 0,
        dataSeconds: 0, tokensPerSecond: 7),
    ]
    let text = Array(report.json.text().utf8)
    let node = JSONNode(try JSONValue(parsing: text, file: "report.json"), file: "report.json")
    #expect(try TrainingReport(node) == report)
    #expect(report.seconds == 1 / 3.0)
  }
}
