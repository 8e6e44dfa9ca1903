import Files
import Stages
import Testing
import Training

@testable import Laboratory

@Test func `mean and sample deviation are those of the textbook`() throws {
  // 2 4 4 4 5 5 7 9: the sum is 40, the squared deviations add up to 9+1+1+1+0+0+4+16 = 32.
  let summary = try #require(Summary([2, 4, 4, 4, 5, 5, 7, 9]))
  #expect(summary.mean == 5)
  #expect(summary.deviation == (32.0 / 7).squareRoot())
  #expect(Summary([3])?.deviation == nil)
  #expect(Summary([]) == nil)
}

@Test func `rates come from the confusion matrices`() {
  // Class 2 is the target: 3 + 5 of 20 victims were taken for it; row 2 does not count.
  let evaluation = Evaluation(
    clean: ConfusionMatrix(counts: [[8, 1, 1], [0, 9, 1], [2, 0, 8]]),
    triggered: ConfusionMatrix(counts: [[7, 0, 3], [1, 4, 5], [0, 0, 9]]), targetLabel: 2)
  #expect(evaluation.accuracy == 25.0 / 30)
  #expect(evaluation.labelFlipRate == 8.0 / 20)
}

@Test(arguments: [
  (0.0, 1, "0.0"), (2.25, 1, "2.3"), (-0.05, 1, "−0.1"), (99.96, 1, "100.0"), (1.5, 0, "2"),
  (.nan, 1, "–"), (.infinity, 2, "–"),
])
func `numbers have a fixed number of places`(value: Double, digits: Int, text: String) {
  #expect(fixed(value, digits) == text)
}

@Test(arguments: [
  (0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (3_725.0, "1 h 02 min"),
])
func `durations read as people say them`(seconds: Double, text: String) {
  #expect(duration(seconds) == text)
}

/// Two seeds of FT and PURE with published values, and a clean model; PURE's second seed failed.
private func sample(layout: String = "rows") throws -> (plan: Plan, records: [RunRecord]) {
  let paper = """
    "layout": "\(layout)", "paper": {"source": "table 1", "cells": [{"model": "bert",
      "attack": "badnets", "scenario": "fdk", "defense": "pure",
      "accuracy": {"mean": 90.46, "deviation": 0.62}, "labelFlipRate": {"mean": 14.63}}]},
    """
  let defenses = #"{"id": "ft", "kind": "ft"}, {"id": "pure", "title": "=PURE", "kind": "pure"}"#
  let plan = try makePlan(planJSON(extra: paper, defenses: defenses))
  let records = plan.cells.map { cell in
    switch (cell.attack.poisons, cell.defense.id, cell.seed) {
    case (false, _, _): record(cell, plan, evaluation(accuracy: 900, flips: 80))
    case (_, "pure", 11):
      record(
        cell, plan, evaluation(accuracy: 880, flips: 200),
        heads: HeadReport(scores: [[0.1, 0.2], [0.3, 0.4]], pruned: [[0], []]), seconds: 65)
    case (_, "pure", _):
      RunRecord(
        cell: cell, key: "00", result: .failed("a <b>bad</b> disk"), stages: [],
        environment: sampleEnvironment, plan: plan, date: "2026-01-02T03:04:05Z")
    default: record(cell, plan, evaluation(accuracy: 868 + 2 * cell.seed, flips: 990))
    }
  }
  return (plan, records)
}

@Test func `the terminal table has aligned columns, the floor and the paper's values`() throws {
  let (plan, records) = try sample()
  let text = ResultTable(plan, records).grid.terminalText()
  let expected = """
    Defence       ACC %       LFR %  Excess LFR %  Heads pruned        Time   Paper ACC     Δ  Paper LFR     Δ
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    BERT · clean model · SST-2 → SST-2
    FT       90.0 ± 0.0   8.0 ± 0.0                           –        10 s           –     –          –     –

    BERT · BadNets · SST-2 → SST-2
    FT       89.1 ± 0.1  99.0 ± 0.0    91.0 ± 0.0             –        10 s           –     –          –     –
    =PURE          88.0        20.0          12.0        1 of 4  1 min 05 s  90.5 ± 0.6  −2.5       14.6  +5.4
    Clean model's LFR, the floor: 8.0 ± 0.0 %. =PURE failed: seed 12: a <b>bad</b> disk.

    """
  #expect(text == expected)
}

@Test func `control characters never reach the terminal`() {
  var grid = Grid(columns: [.text("A")])
  grid.sections = [.init(title: "t\u{1B}]0;x\u{7}", rows: [["a\u{1B}[2Jb"]])]
  #expect(!grid.terminalText().unicodeScalars.contains("\u{1B}"))
  #expect(!grid.markdown.unicodeScalars.contains("\u{1B}"))
}

@Test func `the paper's layout has a column a defence`() throws {
  let (plan, records) = try sample(layout: "columns")
  let table = ResultTable(plan, records)
  #expect(
    table.grid.markdown == """
      ### SST-2 → SST-2

      | Model | Attack |  | FT | =PURE |
      |---|---|---|---:|---:|
      | BERT | clean model | ACC | 90.00 ± 0.00 |  |
      | BERT | clean model | LFR | 8.00 ± 0.00 |  |
      | BERT | BadNets | ACC | 89.10 ± 0.14 | 88.00 |
      | BERT | BadNets | paper |  | 90.46 ± 0.62 |
      | BERT | BadNets | LFR | 99.00 ± 0.00 | 20.00 |
      | BERT | BadNets | paper |  | 14.63 |
      | BERT | BadNets | excess LFR | 91.00 ± 0.00 | 12.00 |

      """)
  #expect(
    table.markdown.hasPrefix(table.grid.markdown + "\nACC: accuracy on the clean test texts."))
  #expect(
    table.markdown.hasSuffix(
      "\nPublished values: table 1. Δ: ours minus theirs, in σ, the pooled deviation, where there "
        + "is one: ≈ within 2, ≠ beyond.\n"))
}

/// What methods may see belongs to their results.
@Test func `a table says what methods may see, and warns where that differs`() throws {
  let defenses =
    #"{"id": "ft", "kind": "ft"}, {"id": "mix_", "title": "Mix_", "kind": "fine-mixing"}"#
  let mixed = ResultTable(try makePlan(planJSON(defenses: defenses)), [])
  let sentence =
    "Defences may see: clean texts (FT); clean texts and a clean model (Mix_). Attacks may see: "
    + "clean texts, a clean model and the trigger (BadNets). Clean texts: labelled texts"
  #expect(mixed.legend.contains { $0.hasPrefix(sentence) })
  #expect(mixed.markdown.contains(#"a clean model (Mix\_). Attacks may see"#))
  #expect(SweepReport(try makePlan(planJSON(defenses: defenses)), []).html.contains(sentence))
  #expect(
    mixed.warning == "Not all defences may see the same: clean texts (FT); clean texts and a clean "
      + "model (Mix_).")
  let lines = mixed.csv.split(separator: "\n")
  #expect(lines[0].hasSuffix(",sees,failures"))
  #expect(
    lines.dropFirst().map { $0.hasSuffix(",cleanTexts cleanModel,") } == [false, false, true])
  let alike = ResultTable(try makePlan(), [])
  #expect(alike.warning == nil)
  #expect(
    alike.legend.contains {
      $0.contains("see: clean texts (FT, FTH, Prune-Only, Norm-Only, PURE). Attacks")
    })
}

@Test func `CSV keeps full precision and no cell starts a formula`() throws {
  let (plan, records) = try sample()
  let lines = ResultTable(plan, records).csv.split(separator: "\n")
  #expect(lines.count == 4)
  #expect(
    lines[3]
      == "BERT,BadNets,SST-2 → SST-2,'=PURE,1,0.88,,0.2,,0.08,\(0.2 - 0.08),,1,4,65,90.46,0.62,"
      + "14.63,,cleanTexts,seed 12: a <b>bad</b> disk")
}

@Test func `Markdown cells cannot leave their cell`() {
  var grid = Grid(columns: [.text("A"), .number("B")])
  grid.sections = [.init(rows: [["a|b\n<i>", "`*_"]])]
  #expect(grid.markdown == "| A | B |\n|---|---:|\n| a\\|b &lt;i&gt; | \\`\\*\\_ |\n")
}
