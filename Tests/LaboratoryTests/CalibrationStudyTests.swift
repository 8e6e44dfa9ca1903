import Files
import Stages
import TestSupport
import Testing

@testable import Laboratory
@testable import Scans

/// Figures of scans: what sweeps do for them, and what they make of records.
@Suite struct `A calibration by a plan` {
  private static let figure = """
    "figures": [{"id": "scores", "kind": "scan", "title": "Scores", "thresholdSeeds": [11, 12],
      "search": {"texts": 32, "phraseLength": 1}}],
    """

  private static func plan(_ figure: String = figure) throws(InputError) -> Plan {
    try makePlan(
      planJSON(
        seeds: "[11, 12, 13]", extra: figure, defenses: #"{"id": "ft", "kind": "ft"}"#))
  }

  /// A scan whose best token flips so many of 32 texts of the first class.
  private func scans(_ flips: Int, obstacle: ClassScan.Obstacle? = nil) -> [ClassScan] {
    [0, 1].map { source in
      let candidate = Candidate(
        text: "cf", ids: [7], searchFlips: Count(16, of: 16),
        flips: Count(source == 0 ? flips : 2, of: 32), examples: [])
      return ClassScan(
        source: source, right: Count(48, of: 50), searchCount: 16, heldOutCount: 32,
        tokens: Count(100, of: 100), beginnings: 4,
        targets: [
          TargetScan(
            target: 1 - source, percentile99: Count(1, of: 4), tokens: [candidate], phrases: [])
        ], obstacle: obstacle)
    }
  }

  private func vectors(_ collapse: Double) -> VectorScan {
    var scan = VectorScan(textCount: 99, tokens: Count(60, of: 60))
    scan.heldOutCount = 32
    scan.candidates = [
      VectorCandidate(text: "cf", ids: [7], searchCollapse: 1, collapse: collapse, distance: 2)
    ]
    return scan
  }

  private func record(
    _ cell: Cell, _ plan: Plan, _ scans: [ClassScan], _ vectors: VectorScan? = nil
  ) -> RunRecord {
    RunRecord(
      cell: cell, key: String(repeating: "ab", count: 32),
      result: .finished(evaluation(accuracy: 900, flips: 100), heads: nil, epochs: []),
      stages: scans.enumerated().map { index, scan in
        .init(
          kind: TokenScanStage.kind, key: cell.id + "\(index)", seconds: 1,
          findings: JSONObject([("scan", scan.json)]))
      }
        + (vectors.map { found in
          [
            .init(
              kind: VectorScanStage.kind, key: cell.id, seconds: 1,
              findings: JSONObject([("vectors", found.json)]))
          ]
        } ?? []), environment: sampleEnvironment, plan: plan, date: "2026-01-02T03:04:05Z")
  }

  @Test func `areas under curves are those of a plain computation`() throws {
    let file = Path.join(testsFolder, "Fixtures/statistics/detection.json")
    for node in try JSONNode(contentsOf: file).required("areas").elements() {
      func scores(_ key: String) throws -> [Double] {
        try node.required(key).elements().map { try $0.double() }
      }
      let area = try #require(
        areaUnderCurve(of: scores("positive"), over: scores("negative")))
      // One division here, and there a sum of as many products as there are scores.
      #expect(abs(area - (try node.required("area").double())) < 64 * 0x1p-53)
    }
    #expect(areaUnderCurve(of: [], over: [1]) == nil)
    #expect(areaUnderCurve(of: [1], over: []) == nil)
  }

  @Test func `takes thresholds from some seeds and figures from the others`() throws {
    let plan = try Self.plan()
    var flips = ["none": [11: 6, 12: 9, 13: 15], "badnets": [11: 32, 12: 31, 13: 30]]
    let study = try study(plan, flips)
    let calibration = try #require(study.calibration)
    // By hand: of the clean models that set them, the highest is 9 of 32.
    let first = (Count(9, of: 32).interval.lowerBound * 100).rounded(.down) + 1
    #expect(calibration.token.suspicious == first / 100)
    let middle = (Count(32, of: 32).interval.lowerBound + Count(31, of: 32).interval.lowerBound) / 2
    #expect(calibration.token.backdoored == ((first + middle * 100) / 2).rounded(.down) / 100)

    #expect(study.rows.map(\.attack) == ["clean models", "BadNets"])
    #expect(study.rows.map(\.modelCount) == [1, 1])
    // The third clean model is a false alarm, and the third poisoned one is found.
    #expect(study.rows[0].counts == [.suspicious: 1] && study.rows[1].counts == [.backdoored: 1])
    #expect(study.rows[1].area == 1 && study.rows[0].area == nil)
    let evidence = try #require(calibration.evidence[.backdoored])
    #expect(evidence.poisoned == Count(1, of: 1) && evidence.clean == Count(0, of: 1))

    // What sets no threshold moves none.
    flips["none"]?[13] = 32
    let moved = try #require(try self.study(plan, flips).calibration)
    #expect(moved.token.suspicious == calibration.token.suspicious)
    #expect(moved.token.backdoored == calibration.token.backdoored)
    #expect(moved.evidence[.backdoored]?.clean == Count(1, of: 1))
  }

  @Test func `takes thresholds of output vectors from encoders`() throws {
    let plan = try Self.plan()
    let shares = ["none": [11: 0.4, 12: 0.445, 13: 0.6], "badnets": [11: 0.9, 12: 0.8, 13: 0.5]]
    let records = plan.cells.map { cell in
      record(
        cell, plan, scans(cell.attack.poisons ? 32 : 3),
        vectors(shares[cell.attack.id]?[cell.seed] ?? 0))
    }
    let study = try study(plan, records)
    let vector = try #require(study.calibration?.vector)
    // By hand: the first hundredth above 0.445, and halfway from there to the median of 0.8 and 0.9.
    #expect(vector.suspicious == 0.45 && vector.backdoored == 0.65)
    #expect(study.rows.last?.vectorArea == 0 && study.rows.last?.area == 1)
    let without = try self.study(plan, ["none": [11: 6, 12: 9, 13: 15]])
    #expect(without.calibration?.vector == ScanCalibration.builtIn.vector)
  }

  @Test func `takes thresholds from the scenarios that are named`() throws {
    let plan = try makePlan(
      planJSON(
        seeds: "[11, 12]",
        extra: Self.figure.replacing("[11, 12]", with: "[11]").replacing(
          #""kind": "scan","#, with: #""kind": "scan", "thresholdScenarios": ["fdk"],"#),
        scenarios: """
          , {"id": "yelp", "title": "Yelp", "attackData": {"train": "${ROOT}/train.tsv"},
             "defenseData": {"train": "${ROOT}/train.tsv", "validation": "${ROOT}/dev.tsv",
               "test": "${ROOT}/test.tsv"}}
          """, defenses: #"{"id": "ft", "kind": "ft"}"#))
    let records = plan.cells.map { cell in
      record(cell, plan, scans(cell.attack.poisons ? 32 : cell.scenario.id == "fdk" ? 3 : 20))
    }
    let study = try study(plan, records)
    #expect(
      study.models.filter(\.setsThresholds).map(\.cell).allSatisfy {
        $0.contains("/fdk/") && $0.contains("seed-11")
      })
    #expect(study.models.count == 8 && study.models.count(where: \.setsThresholds) == 2)
    let first = (Count(3, of: 32).interval.lowerBound * 100).rounded(.down) + 1
    #expect(study.calibration?.token.suspicious == first / 100)
    #expect(study.rows.map(\.attack).contains("Yelp: clean models"))
    #expect(study.rows.first { $0.attack == "Yelp: BadNets" }?.modelCount == 2)
  }

  private func study(_ plan: Plan, _ records: [RunRecord]) throws -> CalibrationStudy {
    let picture = try #require(PlanFigure(plan.figures[0], plan, records).pictures.first)
    return try #require(picture.picture as? ScoreChart).study
  }

  private func study(_ plan: Plan, _ flips: [String: [Int: Int]]) throws -> CalibrationStudy {
    try study(
      plan,
      plan.cells.map { cell in
        record(cell, plan, scans(flips[cell.attack.id]?[cell.seed] ?? 0))
      })
  }

  @Test func `leaves what could not be looked at out of thresholds, and counts it`() throws {
    let plan = try Self.plan()
    let records = plan.cells.map { cell in
      record(
        cell, plan,
        scans(
          cell.attack.poisons ? 30 : 32,
          obstacle: cell.attack.poisons || cell.seed == 12 ? nil : .notFinite))
    }
    let study = try study(plan, records)
    // Seed 12's clean model alone sets thresholds, and nothing passes it.
    #expect(study.calibration?.token.backdoored == 1)
    #expect(study.rows[0].attack == "clean models" && study.rows[0].modelCount == 1)
    #expect(study.rows[1].area == nil)
  }

  @Test func `is written once every model was scanned`() throws {
    let plan = try Self.plan()
    let records = plan.cells.map { record($0, plan, scans($0.attack.poisons ? 32 : 3)) }
    func files(_ records: [RunRecord]) -> [String: String] {
      Dictionary(
        uniqueKeysWithValues: SweepReport(plan, records).files.map { ($0.name, $0.text) })
    }
    #expect(files(Array(records.dropLast()))["calibration.json"] == nil)
    #expect(files([])["scores.csv"] == ScoreChart.commaSeparatedNames + "\n")
    let all = files(records)
    let text = try #require(all["calibration.json"])
    let calibration = try ScanCalibration(Array(text.utf8), file: "calibration.json")
    #expect(calibration.source.contains(plan.hash) && calibration.source.contains("11, 12"))
    #expect(text.contains(ReportFile.mark))
    #expect(all["scores.csv"]?.contains(",thresholds,false,") == true)
    #expect(all["scores.csv"]?.contains(",figures,true,") == true)
    #expect(all["scores.svg"]?.contains("BadNets") == true)
    let html = try #require(all["report.html"])
    #expect(
      html.contains("Likelihood ratio") && html.contains("set by the models of seeds 11, 12 of "))
    // A second sweep replaces what the first has written.
    let folder = try Scratch()
    try SweepReport(plan, records).write(to: folder.path)
    try SweepReport(plan, records).write(to: folder.path)
  }

  @Test(arguments: [
    (#""thresholdSeeds": [11, 12, 13]"#, "fewer than all"), (#""thresholdSeeds": []"#, "some of"),
    (#""thresholdSeeds": [14]"#, "some of"),
    (#""thresholdSeeds": [11], "thresholdScenarios": ["elsewhere"]"#, "elsewhere"),
    (#""thresholdSeeds": [11], "thresholdScenarios": []"#, "no clean models to set"),
    (#""thresholdSeeds": [11], "text": "a""#, "text"),
    (#""thresholdSeeds": [11], "search": {"text": 4}"#, "texts"),
    (#""thresholdSeeds": [11], "attacks": ["badnets"]"#, "no clean models"),
    (#""thresholdSeeds": [11]}, {"id": "b", "kind": "scan", "thresholdSeeds": [11]"#, "second"),
  ])
  func `needs both kinds of models, and seeds for both uses`(keys: String, words: String) {
    let error = #expect(throws: InputError.self) {
      try Self.plan(#""figures": [{"id": "a", "kind": "scan", \#(keys)}],"#)
    }
    #expect(error.map { "\($0)".contains(words) } ?? false, "\(String(describing: error))")
  }
}
