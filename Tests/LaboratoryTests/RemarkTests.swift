import Files
import Testing

@testable import Laboratory

/// Results that are not those of an attack as it was published say so, wherever they appear.
@Suite struct `Results of rule-based attacks` {
  /// HiddenKiller by rules, a clean model with its triggers, and BadNets.
  private func plan(
    title: String = "HiddenKiller", settings: String = #"{"rewriter": "rules"}"#,
    defaults: String = "{}", layout: String = "rows", trigger: String = #", "trigger": "syntax""#
  ) throws(InputError) -> Plan {
    try makePlan(
      """
      {"name": "test", "layout": "\(layout)", "variables": {"ROOT": null},
       "defaults": {"attack": \(defaults)},
       "models": [{"id": "bert", "title": "BERT", "path": "${ROOT}/model"}],
       "scenarios": [{"id": "fdk", "attackData": {"train": "${ROOT}/train.tsv"},
         "defenseData": {"train": "${ROOT}/train.tsv", "validation": "${ROOT}/dev.tsv",
           "test": "${ROOT}/test.tsv"}}],
       "attacks": [
         {"id": "none", "title": "clean model", "kind": "none"\(trigger)},
         {"id": "syntax", "title": "\(title)", "kind": "hiddenkiller", "settings": \(settings)},
         {"id": "badnets", "title": "BadNets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [11]}
      """)
  }

  private func records(_ plan: Plan) -> [RunRecord] {
    plan.cells.map { record($0, plan, evaluation(accuracy: 900, flips: 300)) }
  }

  private static let marked = ["clean model (rule-based)", "HiddenKiller (rule-based)", "BadNets"]

  @Test func `are marked in tables of every kind`() throws {
    for layout in ["rows", "columns"] {
      let plan = try plan(layout: layout)
      let table = ResultTable(plan, records(plan))
      #expect(table.rows.map(\.attack) == Self.marked)
      for name in Self.marked {
        #expect(table.grid.terminalText().contains(name))
        #expect(table.markdown.contains(name))
      }
      #expect(
        table.csv.split(separator: "\n").dropFirst().map { $0.split(separator: ",")[1] }
          == Self.marked.map { Substring($0) })
    }
  }

  @Test func `are marked in the report, at tables, charts and runs`() throws {
    let plan = try plan()
    let html = SweepReport(plan, records(plan)).html
    #expect(html.contains("<h2>BERT · HiddenKiller (rule-based) · fdk</h2>"))
    #expect(html.contains("<b>bert/syntax/fdk/ft/seed-11</b><span>rule-based</span>"))
    #expect(html.contains("<b>bert/none/fdk/ft/seed-11</b><span>rule-based</span>"))
    #expect(html.contains("<b>bert/badnets/fdk/ft/seed-11</b><span>ACC"))
  }

  @Test func `are marked in records, which keep it`() throws {
    let records = try records(plan())
    for (record, isMarked) in zip(records, [true, true, false]) {
      let read = try RunRecord(JSONNode(record.json, file: "records.jsonl"))
      #expect(read.remark == (isMarked ? "rule-based" : nil))
      let attack = try #require(read.configuration["attack"])
      #expect((attack["trigger"]?["rewriter"]?.string == "rules") == isMarked)
      #expect((attack["remark"] != nil) == isMarked)
    }
  }

  @Test func `are marked wherever the plan says so, and once`() throws {
    let byDefault = try plan(settings: "{}", defaults: #"{"rewriter": "rules"}"#)
    #expect(byDefault.cells.map(\.attack.title) == Self.marked)
    let named = try plan(title: "rule-based syntax")
    #expect(named.cells[1].attack.title == "rule-based syntax")
  }

  /// Where the clean model is tested with every trigger, each has its mark.
  @Test func `are marked for each trigger of a clean model`() throws {
    let plan = try plan(trigger: "")
    #expect(
      plan.cells.map(\.attack.title) == [
        "clean model, trigger of HiddenKiller (rule-based)", "clean model, trigger of BadNets",
        "HiddenKiller (rule-based)", "BadNets",
      ])
    #expect(plan.cells[0].triggers.map(\.title) == ["HiddenKiller (rule-based)"])
  }

  @Test func `do without paraphrases, which those of files see`() throws {
    for (settings, sees) in [(#"{"rewriter": "rules"}"#, false), ("{}", true)] {
      let plan = try plan(settings: settings)
      let records = records(plan)
      let legend = ResultTable(plan, records).legend.joined()
      #expect(legend.contains("the trigger and paraphrases") == sees)
      #expect(legend.contains("HiddenKiller (rule-based)") == !sees)
      let seen = records[1].configuration["attack"]?["sees"]?.array?.compactMap(\.string)
      #expect(seen?.contains("paraphrases") == sees)
    }
  }

  @Test func `are not those of files`() throws {
    let files = try plan(settings: #"{"rewriter": "files", "trainParaphrases": "a.tsv"}"#)
    #expect(files.cells.map(\.attack.title) == ["clean model", "HiddenKiller", "BadNets"])
    #expect(records(files).allSatisfy { $0.remark == nil })
    let unsaid = try plan(settings: #"{"trainParaphrases": "a.tsv"}"#)
    #expect(records(unsaid).map(\.configuration) == records(files).map(\.configuration))
  }
}
