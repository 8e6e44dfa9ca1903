import Attacks
import Files
import Stages
import TestSupport
import Testing
import Training

@testable import Laboratory

/// One model that is not attacked, for all attacks of a plan.
@Suite struct `A clean model among several attacks` {
  private static let none =
    #"{"id": "none", "title": "clean model", "kind": "none", "only": {"defenses": ["ft"]}}"#
  private static let attacks = """
    {"id": "badnets", "title": "BadNets", "kind": "badnets"},
    {"id": "ripple", "title": "RIPPLe", "kind": "ripple"},
    {"id": "addsent", "title": "AddSent", "kind": "addsent", "defense": {"normWeight": 0.05}},
    {"id": "lwp", "title": "LWP", "kind": "lwp", "settings": {"poisonRate": 0.2}}
    """

  private func json(
    _ attacks: String = attacks, none: String = none, seeds: String = "[11]", scenarios: String = ""
  ) -> String {
    planJSON(seeds: seeds, attacks: attacks + ", " + none, scenarios: scenarios)
  }

  private func clean(_ json: String) throws -> [Cell] {
    try makePlan(json).cells.filter { !$0.attack.poisons }
  }

  private func triggers(_ cells: [Cell]) -> [String: [String]] {
    Dictionary(uniqueKeysWithValues: cells.map { ($0.group, $0.triggers.map(\.id)) })
  }

  @Test func `is tested with every trigger, those that are the same once`() throws {
    let cells = try clean(json())
    #expect(
      cells.map(\.id) == [
        "bert/none+badnets/fdk/ft/seed-11", "bert/none+addsent/fdk/ft/seed-11",
      ])
    #expect(
      cells.map(\.attack.title) == [
        "clean model, trigger of BadNets", "clean model, trigger of AddSent",
      ])
    #expect(
      triggers(cells) == [
        "bert/none+badnets/fdk/ft": ["badnets", "ripple", "lwp"],
        "bert/none+addsent/fdk/ft": ["addsent"],
      ])
    let record = try #require(cells.first).configuration["attack"]
    #expect(record?["kind"] == "none" && record?["triggerOf"] == ["badnets", "ripple", "lwp"])
    #expect(record?["trigger"]?["targetLabel"] == 1)
  }

  @Test func `meets the triggers of the attacks that meet the same models and scenarios`() throws {
    let far = """
      , {"id": "far", "attackData": {"train": "${ROOT}/far.tsv"}, "defenseData":
         {"train": "${ROOT}/train.tsv", "validation": "${ROOT}/dev.tsv",
          "test": "${ROOT}/test.tsv"}, "attack": {"insertionLimit": 64}}
      """
    let attacks = """
      {"id": "badnets", "kind": "badnets"},
      {"id": "lwp", "kind": "lwp", "settings": {"insertionLimit": 128}},
      {"id": "addsent", "kind": "addsent", "only": {"scenarios": ["fdk"]}}
      """
    #expect(
      triggers(try clean(json(attacks, scenarios: far))) == [
        "bert/none+badnets/fdk/ft": ["badnets", "lwp"], "bert/none+addsent/fdk/ft": ["addsent"],
        "bert/none+badnets/far/ft": ["badnets"], "bert/none+lwp/far/ft": ["lwp"],
      ])
  }

  @Test func `is fine-tuned as the attack says that the model is`() throws {
    let attacks = """
      {"id": "badnets", "kind": "badnets"},
      {"id": "ripple", "kind": "ripple", "defense": {"normWeight": 0.05}},
      {"id": "lwp", "kind": "lwp", "defense": {"epochs": 5}}
      """
    let cells = try clean(json(attacks))
    #expect(
      triggers(cells) == [
        "bert/none+badnets/fdk/ft": ["badnets", "ripple"], "bert/none+lwp/fdk/ft": ["lwp"],
      ])
    #expect(cells.map(\.defenseSettings.training.epochs) == [3, 5])
    let everywhere = Self.none.replacing(#", "only": {"defenses": ["ft"]}"#, with: "")
    let leaders = Set(try clean(json(attacks, none: everywhere)).map(\.attack.id))
    #expect(leaders == ["none+badnets", "none+ripple", "none+lwp"])
  }

  @Test func `has the cells of before where it names a trigger or there is one alone`() throws {
    let named = try clean(json(none: #"{"id": "none", "kind": "none", "trigger": "lwp"}"#))
    #expect(named.map(\.defense.id) == ["ft", "fth", "prune-only", "norm-only", "pure"])
    #expect(named.allSatisfy { $0.attack.id == "none" && $0.attack.title == "none" })
    #expect(named.allSatisfy { $0.triggers.map(\.id) == ["lwp", "badnets", "ripple"] })
    let alone = try clean(planJSON(seeds: "[11]"))
    #expect(alone.map(\.id) == ["bert/none/fdk/ft/seed-11"])
    #expect(triggers(alone) == ["bert/none/fdk/ft": ["badnets"]])
  }

  /// What was measured with an entry for each trigger is measured.
  @Test func `has the stages that an entry for each trigger has`() throws {
    let directory = try Scratch()
    try directory.addInputs()
    func keys(_ none: String) throws -> [[String]] {
      let plan = try makePlan(json(none: none), root: directory.path)
      return try plan.cells.filter { !$0.attack.poisons }.map {
        try CellStages($0, ContentHasher()).all.map(\.key)
      }
    }
    let each = ["badnets", "addsent"].map { id in
      #"{"id": "none-\#(id)", "title": "clean \#(id)", "kind": "none", "trigger": "\#(id)","#
        + #" "only": {"defenses": ["ft"]}}"#
    }
    #expect(try keys(Self.none) == keys(each.joined(separator: ", ")))
  }

  @Test(arguments: [
    (none, "", "attacks[0]: has no triggers to test the clean model with; add an attack"),
    (
      none.replacing(#""kind""#, with: #""trigger": "badnet", "kind""#), attacks,
      #"attacks[4].trigger: names "badnet", which the plan does not have; did you mean "badnets"?"#
    ),
    (
      none,
      #"{"id": "a", "title": "A", "kind": "lwp"}, "#
        + #"{"id": "b", "title": "clean model, trigger of A", "kind": "addsent"}"#,
      #"attacks[2]: reads "clean model, trigger of A" in tables and charts"#
    ),
  ])
  func `is refused where nothing can test it, or it would read like another`(
    none: String, attacks: String, sentence: String
  ) {
    let all = [attacks, none].filter { !$0.isEmpty }.joined(separator: ", ")
    let found = complaint(planJSON(attacks: all))
    #expect(found.contains(sentence), "\(found)")
  }

  /// Rates of 1000 texts a seed; the second seed of LWP's has not been measured.
  private func table(layout: String = "rows") throws -> ResultTable {
    let json = json(seeds: "[11, 12]").replacing(
      #""models":"#, with: #""layout": "\#(layout)", "models":"#)
    let plan = try makePlan(json)
    let records = plan.cells.compactMap { cell -> RunRecord? in
      switch (cell.attack.id, cell.defense.id, cell.seed) {
      case ("none+badnets", _, 11): record(cell, plan, evaluation(accuracy: 900, flips: 100))
      case ("none+badnets", _, 12): record(cell, plan, evaluation(accuracy: 900, flips: 60))
      case ("none+addsent", _, 11): record(cell, plan, evaluation(accuracy: 900, flips: 300))
      case ("none+addsent", _, 12), ("lwp", _, 12): nil
      case (_, "pure", 11): record(cell, plan, evaluation(accuracy: 880, flips: 250))
      case (_, "pure", 12): record(cell, plan, evaluation(accuracy: 880, flips: 220))
      default: record(cell, plan, evaluation(accuracy: 890, flips: 990))
      }
    }
    return ResultTable(plan, records)
  }

  private func entry(_ attack: String, _ defense: String) throws -> ResultTable.Entry {
    let group = "bert/\(attack)/fdk/\(defense)"
    return try #require(try table().rows.flatMap(\.entries).first { $0.group == group })
  }

  /// 0.25 − 0.10 and 0.22 − 0.06, not 0.235 − 0.08.
  @Test func `is what excess LFR is counted from, seed by seed`() throws {
    for attack in ["badnets", "ripple"] {
      let excess = try #require(try entry(attack, "pure").excessLabelFlipRate)
      #expect(excess == Summary([0.25 - 0.1, 0.22 - 0.06]))
    }
    #expect(try entry("lwp", "pure").excessLabelFlipRate == Summary([0.25 - 0.1]))
    // The clean model has one seed of this trigger.
    #expect(try entry("addsent", "pure").excessLabelFlipRate == Summary([0.25 - 0.3]))
    #expect(try entry("none+badnets", "ft").excessLabelFlipRate == nil)
  }

  @Test func `stands beside what it is compared with`() throws {
    let table = try table()
    let grid = table.grid
    #expect(grid.columns.map(\.title).prefix(4) == ["Defence", "ACC %", "LFR %", "Excess LFR %"])
    func section(_ attack: String) throws -> Grid.Section {
      try #require(grid.sections.first { $0.title.hasPrefix("BERT · \(attack) · ") })
    }
    let badNets = try section("BadNets")
    #expect(badNets.rows.last?.prefix(4) == ["PURE", "88.0 ± 0.0", "23.5 ± 2.1", "15.5 ± 0.7"])
    #expect(badNets.note == "Clean model's LFR, the floor: 8.0 ± 2.8 %.")
    let addSent = try section("AddSent")
    #expect(addSent.rows.last?[3] == "−5.0")
    #expect(
      addSent.note == "Clean model's LFR, the floor: 30.0 %. "
        + "Excess LFR is without seed 12, which has no floor yet.")
    let clean = try section("clean model, trigger of BadNets")
    #expect(clean.rows.map { $0[3] } == [""])
    #expect(clean.note == "The trigger is that of BadNets, RIPPLe, LWP.")
    #expect(table.legend.contains { $0.hasPrefix("Excess LFR: LFR less the floor") })
    #expect(table.markdown.contains("Excess LFR %") && table.markdown.contains("seed by seed"))
    let lines = table.csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let (mean, deviation) = (
      try #require(lines[0].firstIndex(of: "excess_lfr_mean")),
      try #require(lines[0].firstIndex(of: "excess_lfr_deviation"))
    )
    let rows = lines.filter { $0[3] == "PURE" }
    #expect(rows.map { $0[1] } == ["BadNets", "RIPPLe", "AddSent", "LWP"])
    let excess = try #require(Summary([0.25 - 0.1, 0.22 - 0.06]))
    #expect(Double(rows[0][mean]) == excess.mean && Double(rows[0][deviation]) == excess.deviation)
    #expect(rows[2][deviation] == "" && Double(rows[2][mean]) == 0.25 - 0.3)
  }

  @Test func `has a line in the paper's layout`() throws {
    let rows = try table(layout: "columns").grid.sections[0].rows.filter { $0[1] == "BadNets" }
    #expect(rows.map { $0[2] } == ["ACC", "LFR", "excess LFR"])
    #expect(rows[2].last == "15.50 ± 0.71")
  }
}

@Test func `without a clean model there is no excess, and no word of it`() throws {
  let plan = try makePlan(
    planJSON(seeds: "[11]", attacks: #"{"id": "badnets", "kind": "badnets"}"#))
  let table = ResultTable(
    plan, plan.cells.map { record($0, plan, evaluation(accuracy: 900, flips: 100)) })
  #expect(!table.markdown.contains("Excess") && !table.grid.terminalText().contains("Excess"))
  #expect(!SweepReport(plan, []).html.contains("Excess"))
}
