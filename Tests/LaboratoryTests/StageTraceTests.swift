import Files
import Testing

@testable import Laboratory

@Suite struct `The stages of a record` {
  private static let kinds = [
    "target-pieces", "finetune", "surgery", "poison", "finetune", "scores", "trigger", "evaluation",
  ]

  /// A record whose stages take 1, 2, 4, … seconds.
  private func record(_ kinds: [String]) throws -> RunRecord {
    let plan = try makePlan()
    let cell = try #require(plan.cells.first)
    return RunRecord(
      cell: cell, key: "key",
      result: .finished(evaluation(accuracy: 9, flips: 1), heads: nil, epochs: []),
      stages: kinds.enumerated().map { index, kind in
        .init(
          kind: kind, key: "\(index)", seconds: Double(1 << index),
          findings: JSONObject(kind == "surgery" ? [("found", ["a", "b"])] : []))
      }, environment: sampleEnvironment, plan: plan, date: "2026-01-02T03:04:05Z")
  }

  /// A defence's first fine-tuning counts; that of an attacker, who needs a clean model, does not.
  @Test func `count as a defence's time from the poisoning on`() throws {
    #expect(try record(Self.kinds).defenseSeconds == 16 + 32)
    #expect(try record(["finetune", "trigger", "evaluation"]).defenseSeconds == 1)
    #expect(try record(["poison", "finetune"]).defenseSeconds == 2)
  }

  @Test func `come back from the file with what they found out`() throws {
    let record = try record(Self.kinds)
    let again = try RunRecord(JSONNode(record.json, file: "records.jsonl"))
    #expect(again.stages == record.stages)
    #expect(again.stages[2].findings["found"] == ["a", "b"])
  }

  @Test func `of an earlier version have found out nothing`() throws {
    let text = String(decoding: try record(Self.kinds).json.serialized(), as: UTF8.self)
    let old = text.replacing(#","findings":{"found":["a","b"]}"#, with: "")
      .replacing(#","findings":{}"#, with: "")
    #expect(!old.contains("findings"))
    let node = JSONNode(try JSONValue(parsing: Array(old.utf8)), file: "records.jsonl")
    #expect(try RunRecord(node).stages.allSatisfy { $0.findings == JSONObject() })
  }
}
