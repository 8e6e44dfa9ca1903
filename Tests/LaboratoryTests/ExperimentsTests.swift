import Defenses
import Files
import Settings
import Stages
import Testing
import Text
import Training

@testable import Laboratory

private func plan(_ name: String, _ settings: [String] = []) throws(InputError) -> Plan {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  return try Plan(contentsOf: "/\(root)/experiments/plans/\(name).json", setting: settings)
}

@Test func `the demonstration attacks once and defends in four ways`() throws {
  let demo = try plan("demo")
  #expect(
    demo.cells.map(\.id) == [
      "minilm/none/reviews/ft/seed-11", "minilm/badnets/reviews/ft/seed-11",
      "minilm/badnets/reviews/prune-only/seed-11", "minilm/badnets/reviews/norm-only/seed-11",
      "minilm/badnets/reviews/pure/seed-11",
    ])
}

@Test func `the SST-2 plan has every defence, three seeds and the paper's values`() throws {
  let sst2 = try plan("sst2-badnets", ["SST2=/data/SST-2"])
  #expect(sst2.seeds == [11, 12, 13])
  let cleanTextsAlone = KnownDefenses.all.filter { $0 is PURE }.map(\.name)
  #expect(sst2.defenses.map(\.method.name) == cleanTextsAlone)
  #expect(sst2.cells.count == 3 * (1 + 5))
  #expect(sst2.expected.count == 6)
  #expect(sst2.cells.allSatisfy { $0.scenario.defenseTest.path == "/data/SST-2/test.tsv" })
}

@Test func `the SST-2 plan asks for its folder`() {
  #expect {
    try plan("sst2-badnets")
  } throws: { error in
    "\(error)".hasSuffix("needs a value for ${SST2}; give one with --set SST2=VALUE")
  }
}

@Test func `the plan of all attacks has one clean model, tested with each trigger`() throws {
  let names = ["SST2", "HIDDENKILLER", "BIBLE"].map { "\($0)=/data/\($0)" }
  let cells = try plan("sst2-attacks", names).cells
  #expect(
    Set(cells.filter { !$0.attack.poisons }.map(\.group))
      == Set(["badnets", "addsent", "hiddenkiller", "stylebkd"].map { "model/none+\($0)/fdk/ft" }))
  let armed = Set(cells.filter(\.attack.poisons).map(\.attack.id))
  #expect(Set(cells.filter { !$0.attack.poisons }.flatMap(\.triggers).map(\.id)) == armed)
  let weights = cells.filter { $0.defense.id == "pure" }.map { cell in
    [cell.attack.id, cell.defenseSettings.json["normWeight"]?.plain ?? ""]
  }
  #expect(
    Set(weights).subtracting([["hiddenkiller", "0.05"], ["stylebkd", "0.05"]])
      == Set(["badnets", "addsent", "lwp", "ripple"].map { [$0, "0.15"] }))
}

@Test func `the plan of scans has clean and backdoored models, shared with others`() throws {
  let names = ["SST2", "HIDDENKILLER", "BIBLE"].map { "\($0)=/data/\($0)" }
  let scans = try plan("scan", names)
  #expect(scans.cells.count == 3 * (6 * 3 + 4))
  #expect(scans.cells.count { !$0.attack.poisons } == 12)
  let figure = try #require(scans.figures.first)
  #expect(scans.figures.count == 1 && scans.tables.isEmpty)
  guard case .scan(_, let thresholds) = figure.content else {
    Issue.record("no figure of scans")
    return
  }
  #expect(thresholds.seeds == [11, 12] && thresholds.scenarios == ["fdk"])
  // Of other data what words set off, as it is usually trained.
  let elsewhere = try plan("scan", names + ["YELP=/yelp", "AMAZON=/amazon"]).cells
  #expect(elsewhere.count == scans.cells.count + 2 * 3 * (4 + 2))
  // The models of the plan of all attacks are poisoned and fine-tuned in the same way.
  let others = try plan("sst2-attacks", names).cells.filter { $0.defense.id == "ft" }
  for cell in others where cell.attack.poisons {
    let own = try #require(scans.cells.first { $0.id == cell.id })
    #expect(own.attackSettings.json == cell.attackSettings.json)
    #expect(own.attackSettings.training.identity() == cell.attackSettings.training.identity())
    #expect(own.defenseSettings.training.identity() == cell.defenseSettings.training.identity())
  }
}

/// Long texts are read and poisoned as the released code has it.
@Test func `the plan of domain shifts has the scenarios whose data are there`() throws {
  let near = try plan("domain-shift", ["SST2=/sst2"])
  #expect(Set(near.cells.map(\.scenario.id)) == ["fdk"] && near.notes.count == 3)
  let all = try plan(
    "domain-shift", ["SST2", "YELP", "AMAZON", "IMDB"].map { "\($0)=/\($0.lowercased())" })
  #expect(all.notes == [] && all.cells.count == 4 * (1 + 3 * 4) * 3)
  for cell in all.cells {
    let far = cell.scenario.id != "fdk"
    #expect(cell.attackSettings.training.maximumLength == (far ? 256 : 128))
    #expect(cell.defenseSettings.training.maximumLength == 128)
    #expect(cell.scenario.defenseTest.path == "/sst2/test.tsv")
    #expect(cell.scenario.attackTrain.path.hasPrefix("/\(far ? cell.scenario.id : "sst2")/train"))
  }
  #expect(Set(all.cells.map(\.attack.id)) == ["none+badnets", "badnets", "ripple", "lwp"])
  // Three of the paper's scenarios, three attacks, four defences.
  #expect(all.expected.count == 36)
}

@Test func `the table of settings in the documentation is that of the declarations`() throws {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  let text = try ByteFile.contents(of: "/\(root)/experiments/README.md")
  #expect(
    String(decoding: text, as: UTF8.self).contains(SettingsTable.markdown),
    "experiments/README.md lacks this table:\n\(SettingsTable.markdown)")
}

@Test func `the paper's plans show one thing each, and the cells of all`() throws {
  let settings = ["MODELS=/models", "DATA=/data"]
  let whole = try plan("paper", settings)
  let names = (1...6).map { "table-\($0)" } + (2...5).map { "figure-\($0)" }
  #expect(whole.tables.map(\.id) + whole.figures.map(\.id) == names)
  var groups: Set<String> = []
  for name in names {
    let part = try plan(name, settings)
    #expect(part.tables.map(\.id) + part.figures.map(\.id) == [name])
    groups.formUnion(part.cells.map(\.group))
  }
  #expect(groups == Set(whole.cells.map(\.group)))
  let small = try plan("paper-minilm", ["DATA=/data"])
  #expect(small.tables.map(\.id) + small.figures.map(\.id) == names)
  for table in small.tables {
    let shown = small.cells.filter(table.selection.includes)
    #expect(!shown.isEmpty && shown.allSatisfy { small.expected[$0.group] != nil })
  }
}
