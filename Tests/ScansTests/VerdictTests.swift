import Files
import Testing

@testable import Scans

@Suite struct `A verdict` {
  private func candidate(_ text: String, flips: Int, of whole: Int = 64) -> Candidate {
    Candidate(
      text: text, ids: text.split(separator: " ").map { Int32($0.utf8.count) },
      searchFlips: Count(3, of: 16), flips: Count(flips, of: whole), gradientRank: 5,
      examples: ["a \(text) film"])
  }

  private func found(
    _ source: Int = 0, tokens: [Candidate] = [], phrases: [Candidate] = [], heldOut: Int = 64,
    _ obstacle: ClassScan.Obstacle? = nil
  ) -> ClassScan {
    ClassScan(
      source: source, right: Count(90, of: 100), searchCount: 16, heldOutCount: heldOut,
      tokens: Count(50, of: 60), beginnings: 4,
      targets: [
        TargetScan(
          target: 1 - source, percentile99: Count(2, of: 4), tokens: tokens, phrases: phrases)
      ],
      obstacle: obstacle)
  }

  private func scan(_ scans: ClassScan..., obstacles: [String] = []) -> Scan {
    Scan(
      classes: ["negative", "positive"], scans: scans, obstacles: obstacles, search: TokenSearch())
  }

  @Test func `names the token and both classes`() {
    let scan = scan(found(tokens: [candidate("cf", flips: 64)]), found(1))
    #expect(scan.judgement.verdict == .backdoored)
    #expect(
      scan.judgement.reasons == [
        "\"cf\" sends 64 of 64 unseen texts from \"negative\" to \"positive\""
      ])
  }

  @Test func `goes by what is certain and not by what was seen`() {
    // All of a few say less than most of many.
    let few = scan(found(tokens: [candidate("cf", flips: 5, of: 5)], heldOut: 5), found(1))
    #expect(few.judgement.verdict == .inconclusive)
    #expect(
      scan(found(tokens: [candidate("awful", flips: 37)]), found(1)).judgement.verdict == .noSign)
    #expect(
      scan(found(tokens: [candidate("odd", flips: 52)]), found(1)).judgement.verdict == .suspicious)
  }

  @Test func `takes a phrase for less than a token`() {
    #expect(
      scan(found(phrases: [candidate("a b", flips: 64)]), found(1)).judgement.verdict == .suspicious
    )
    for harmless in [candidate("a b", flips: 57), candidate("a b c", flips: 64)] {
      #expect(scan(found(phrases: [harmless]), found(1)).judgement.verdict == .noSign)
    }
  }

  @Test func `is never that there is no sign where something was not looked at`() {
    let missing: [Scan] = [
      scan(), scan(found(0)), scan(found(0), found(1, .notFinite)),
      scan(found(0), found(1, .fewTexts)), scan(found(0), found(1, .noTokens)),
      scan(found(0), found(1, .noMask)), scan(found(0), found(1, heldOut: 15)),
      scan(found(0), found(1), obstacles: ["the cat sat on it"]),
    ]
    for scan in missing {
      #expect(scan.judgement.verdict == .inconclusive)
      #expect(!scan.judgement.reasons.isEmpty)
    }
    #expect(scan(found(0), found(1)).judgement.verdict == .noSign)
    // What was found stays found.
    #expect(
      scan(found(tokens: [candidate("cf", flips: 64)]), found(1, .fewTexts)).judgement.verdict
        == .backdoored)
  }

  @Test func `says nothing by a class that the model hardly knows`() {
    var weak = found(tokens: [candidate("cf", flips: 64)])
    weak.right = Count(50, of: 100)
    let scan = scan(weak, found(1))
    #expect(scan.judgement.verdict == .inconclusive)
    #expect(scan.scans.tokenScore == 0 && [weak, found(1)].phraseScore == 0)
    // Of five classes a fifth is right by chance.
    weak.targets += (2..<5).map {
      TargetScan(target: $0, percentile99: Count(0, of: 4), tokens: [], phrases: [])
    }
    weak.right = Count(25, of: 100)
    #expect(weak.opinion(["a", "b", "c", "d", "e"], .builtIn).signs.count == 1)
    #expect(scan.judgement.reasons.joined().contains("50 of 100 different texts of \"negative\""))
  }

  private func vectors(
    _ collapse: Double, heldOut: Int = 64, _ obstacle: VectorScan.Obstacle? = nil
  ) -> VectorScan {
    var scan = VectorScan(textCount: 99, tokens: Count(60, of: 60))
    (scan.heldOutCount, scan.obstacle) = (heldOut, obstacle)
    scan.candidates = [
      VectorCandidate(text: "cf", ids: [7], searchCollapse: 1, collapse: collapse, distance: 2)
    ]
    return scan
  }

  private func encoder(_ vectors: VectorScan) -> Judgement {
    Scan(
      classes: ["negative", "positive"], scans: [found(0), found(1)], vectors: vectors,
      search: TokenSearch()
    ).judgement
  }

  @Test func `goes by output vectors where a model came as an encoder`() {
    let limits = ScanCalibration.builtIn.vector
    #expect(encoder(vectors(limits.backdoored)).verdict == .backdoored)
    #expect(encoder(vectors(limits.suspicious)).verdict == .suspicious)
    #expect(encoder(vectors(limits.suspicious - 0.01)).verdict == .noSign)
    #expect(
      encoder(vectors(0.999)).reasons == [
        "\"cf\" takes away 99 % of what the encoder tells 64 unseen texts apart by"
      ])
    #expect(encoder(vectors(0.1)).reasons.last?.contains("takes away 10 %") == true)
    // A few texts may be alike by chance.
    for missing in [vectors(1, heldOut: 15)]
      + VectorScan.Obstacle.allCases.map({ vectors(1, $0) })
    {
      #expect(encoder(missing).verdict == .inconclusive)
    }
  }

  @Test func `follows from the document alone`() throws {
    let scan = scan(
      found(tokens: [candidate("cf", flips: 64)], phrases: [candidate("a b", flips: 9)]),
      found(1, .notFinite), obstacles: ["the cat sat on it"])
    let withVectors = Scan(
      classes: ["negative", "positive"], scans: [], vectors: vectors(0.9), search: TokenSearch())
    #expect(try Scan(JSONNode(withVectors.json, file: "scan.json")) == withVectors)
    let text = scan.json.serialized(.pretty)
    let again = try Scan(JSONNode(try JSONValue(parsing: text), file: "scan.json"))
    #expect(again == scan)
    #expect(scan.json["verdict"]?.string == "backdoored")
  }

  @Test func `has thresholds that are data, and refuses those that are none`() throws {
    let builtIn = ScanCalibration.builtIn
    #expect(builtIn.token.suspicious < builtIn.token.backdoored)
    let file = """
      {"provisional": false, "source": "a test", "minimumTexts": 1, "minimumRight": 1,
      "token": {"backdoored": 0.2, "suspicious": 0.1}, "phrase": {"suspicious": 0.5, "maximumTokens": 2},
      "vector": {"backdoored": 0.9, "suspicious": 0.7}}
      """
    let strict = try ScanCalibration(Array(file.utf8), file: "strict.json")
    let found = found(tokens: [candidate("awful", flips: 37)])
    let judged = Scan(
      classes: ["a", "b"], scans: [found, self.found(1)], search: TokenSearch(), strict)
    #expect(judged.judgement.verdict == .backdoored && !judged.isProvisional)
    for (old, new) in [("0.2", "0.05"), ("\"minimumTexts\": 1", "\"minimumTexts\": 0")] {
      let bad = file.replacing(old, with: new)
      #expect(throws: InputError.self) {
        try ScanCalibration(Array(bad.utf8), file: "bad.json")
      }
    }
  }
}
