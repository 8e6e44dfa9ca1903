import Files
import Laboratory

/// The records of a sweep; what is read is written alike, and reports can be made of it.
struct RecordTarget: FuzzTarget {
  static let name = "record"
  private let folder: FuzzFolder
  private let plan: Plan

  init(in folder: String) throws {
    self.folder = try FuzzFolder(folder)
    try self.folder.hold([
      ("plan.json", Array(PlanTarget.base.utf8)),
      ("published.json", Array(PlanTarget.published.utf8)),
    ])
    plan = try PlanTarget.plan(self.folder.file("plan.json"))
  }

  func seeds() throws -> [[UInt8]] {
    let stage: JSONValue = [
      "kind": "finetune", "key": "12ab", "seconds": 1.5, "batchParts": 2, "earlierFault": nil,
      "unreadTriggers": 0,
    ]
    func record(_ cell: Cell, _ result: [(String, JSONValue)]) -> [UInt8] {
      let members: [(String, JSONValue)] = [
        ("cell", .string(cell.id)), ("group", .string(cell.group)), ("seed", .int(cell.seed)),
        ("stages", [stage]), ("configuration", ["attack": ["kind": "badnets"]]),
        (
          "environment",
          [
            "device": "cpu", "threads": 2, "precision": "fp32", "version": "0.1.0",
            "libraries": ["built-in"],
          ]
        ), ("plan", "demo"), ("planHash", "00"), ("key", "34cd"), ("date", "2026-01-02T03:04:05Z"),
      ]
      return JSONValue.object(JSONObject(members + result)).serialized() + [0x0A]
    }
    let finished: [(String, JSONValue)] = [
      ("status", "finished"), ("accuracy", 0.5), ("labelFlipRate", nil),
      (
        "confusion",
        ["clean": [[5, 1], [2, 6]], "triggered": [[1, 9], [0, 0]], "targetLabel": 1]
      ),
      ("heads", ["pruned": [[1], []], "scores": [[0.5, nil], [1.0, 2.0]]]),
      ("epochs", [["loss": 0.5, "validationAccuracy": 0.75], ["loss": nil]]),
    ]
    let failed: [(String, JSONValue)] = [("status", "failed"), ("error", "a <b> & c")]
    let cells = plan.cells
    return [
      cells.flatMap { record($0, finished) }, record(cells[2], finished),
      record(cells[0], finished) + record(cells[0], failed) + Array(#"{"cell": "cut"#.utf8),
    ]
  }

  func read(_ bytes: [UInt8]) throws {
    try folder.hold([("records.jsonl", bytes)])
    let path = folder.file("records.jsonl")
    let records = try RecordFile(path).records()
    for record in records {
      let text = record.json.serialized()
      let again = try RunRecord(JSONNode(try JSONValue(parsing: text, file: path), file: path))
      claim(again.json.serialized() == text, "is another record when it was written and read")
    }
    _ = SweepReport(plan, records).files
  }
}
