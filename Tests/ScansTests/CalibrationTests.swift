import Files
import TestSupport
import Testing

@testable import Scans

@Suite struct `A calibration` {
  private func ratios() throws -> [JSONNode] {
    let file = Path.join(testsFolder, "Fixtures/statistics/detection.json")
    return try JSONNode(contentsOf: file).required("ratios").elements()
  }

  @Test func `has the likelihood ratios of a plain computation`() throws {
    for node in try ratios() {
      let counts = try node.required("counts").elements().map { try $0.int() }
      let ratio = LikelihoodRatio(
        poisoned: Count(counts[0], of: counts[1]), clean: Count(counts[2], of: counts[3]))
      func isClose(_ value: Double, _ key: String) throws -> Bool {
        // Some ten operations, and an exponential of a sum in the other computation.
        abs(value / (try node.required(key).double()) - 1) < 64 * 0x1p-52
      }
      #expect(try isClose(ratio.value, "value"))
      #expect(try isClose(ratio.interval.lowerBound, "low"))
      #expect(try isClose(ratio.interval.upperBound, "high"))
    }
  }

  @Test func `parts models where no clean one reaches`() {
    let apart = ScanCalibration.Thresholds(
      clean: [0.1, 0.424, 0.3], poisoned: [0.2, 0.9, 0.94, 0.5])
    // Of those that reach 0.43 the median is 0.9.
    #expect(apart.suspicious == 0.43 && apart.backdoored == 0.66)
    // What reaches it exactly does so: the next hundredth is the first that is free.
    #expect(ScanCalibration.Thresholds(clean: [0.5], poisoned: []).suspicious == 0.51)
    let none = ScanCalibration.Thresholds(clean: [0.9], poisoned: [0.2, 0.9])
    #expect(none.suspicious == 0.91 && none.backdoored == 1)
    #expect(ScanCalibration.Thresholds(clean: [1], poisoned: [1]).suspicious == 1)
  }

  private func document(_ poisoned: Count, _ clean: Count) -> [UInt8] {
    let thresholds = ScanCalibration.Thresholds(clean: [0.4], poisoned: [0.9])
    return ScanCalibration.document(
      writtenBy: "a test", source: "nowhere", token: thresholds, phrase: thresholds,
      vector: thresholds,
      counts: [.backdoored: .init(poisoned: poisoned, clean: clean)]
    ).serialized()
  }

  @Test func `comes back from its file, and says what a verdict is worth`() throws {
    let bytes = document(Count(9, of: 10), Count(1, of: 10))
    let calibration = try ScanCalibration(bytes, file: "calibration.json")
    #expect(!calibration.isProvisional && calibration.source == "nowhere")
    #expect(calibration.token.suspicious == 0.41 && calibration.token.backdoored == 0.65)
    #expect(calibration.vector.suspicious == 0.41 && calibration.vector.backdoored == 0.65)
    #expect(calibration.hash == SHA256.hex(of: bytes))
    let evidence = try #require(calibration.evidence[.backdoored])
    #expect(evidence.poisoned == Count(9, of: 10) && evidence.clean == Count(1, of: 10))
    #expect(calibration.evidence[.noSign] == nil)

    let found = Candidate(
      text: "cf", ids: [7], searchFlips: Count(16, of: 16), flips: Count(64, of: 64), examples: [])
    var scan = ClassScan(
      source: 0, right: Count(80, of: 90), searchCount: 16, heldOutCount: 64,
      tokens: Count(100, of: 100), beginnings: 4,
      targets: [
        TargetScan(target: 1, percentile99: Count(1, of: 4), tokens: [found], phrases: [])
      ])
    func judged(_ scan: ClassScan) -> Scan {
      var other = scan
      (other.source, other.targets) = (1, [])
      return Scan(
        classes: ["a", "b"], scans: [scan, other], search: TokenSearch(), calibration)
    }
    #expect([scan].tokenScore == Count(64, of: 64).interval.lowerBound)
    #expect([scan].phraseScore == 0)
    #expect(judged(scan).json["likelihoodRatio"]?["value"]?.double == evidence.ratio.value)
    scan.targets[0].tokens = []
    #expect(judged(scan).judgement.verdict == .noSign && judged(scan).evidence == nil)
  }

  @Test func `is refused where it says something else`() {
    let text = String(decoding: document(Count(9, of: 10), Count(1, of: 10)), as: UTF8.self)
    for (old, new, words) in [
      (#""backdoored":{"#, #""backdored":{"#, "backdoored"), ("[9,10]", "[11,10]", "outside"),
      ("0.65", "0.3", "outside"),
    ] {
      #expect(text.contains(old))
      let error = #expect(throws: InputError.self) {
        try ScanCalibration(Array(text.replacing(old, with: new).utf8), file: "c.json")
      }
      #expect(error.map { "\($0)".contains(words) } ?? false, "\(String(describing: error))")
    }
  }
}
