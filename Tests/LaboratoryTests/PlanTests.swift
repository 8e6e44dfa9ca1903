import Attacks
import Defenses
import Files
import Tensors
import Testing
import Text
import Training

@testable import Laboratory

/// The sentence of the error that a plan must cause.
func complaint(_ json: String, setting settings: [String] = ["ROOT=/nowhere"]) -> String {
  do {
    let value = try JSONValue(parsing: Array(json.utf8), file: "plan.json")
    _ = try Plan(JSONNode(value, file: "plan.json"), setting: settings)
    return "no error"
  } catch {
    return error.description
  }
}

@Test func `cells are the product of the axes in their order`() throws {
  let plan = try makePlan()
  #expect(
    plan.cells.map(\.id) == [
      "bert/none/fdk/ft/seed-11", "bert/none/fdk/ft/seed-12",
      "bert/badnets/fdk/ft/seed-11", "bert/badnets/fdk/ft/seed-12",
      "bert/badnets/fdk/fth/seed-11", "bert/badnets/fdk/fth/seed-12",
      "bert/badnets/fdk/prune-only/seed-11", "bert/badnets/fdk/prune-only/seed-12",
      "bert/badnets/fdk/norm-only/seed-11", "bert/badnets/fdk/norm-only/seed-12",
      "bert/badnets/fdk/pure/seed-11", "bert/badnets/fdk/pure/seed-12",
    ])
}

// Paper, section 6.2 and appendices A.2 and B.
@Test func `what a plan leaves open is the paper's`() throws {
  let cells = try makePlan().cells
  let pure = try #require(cells.last)
  let badNets = try #require(pure.attackSettings.method as? BadNets)
  #expect(badNets.triggers == ["cf", "bb", "ak", "mn"])
  #expect(badNets.poisonRate == 0.5)
  #expect(badNets.targetLabel == 1)
  #expect(pure.attackSettings.training.epochs == 5)
  #expect(pure.attackSettings.training.learningRate == 2e-5)
  let whole = try #require(pure.defenseSettings.method as? PURE)
  #expect(whole.accuracyFloor == 0.85)
  #expect(whole.normWeight == 0.15)
  #expect(whole.pruningStep == 1)
  #expect(pure.defenseSettings.training.epochs == 3)
  #expect(pure.defenseSettings.training.batchSize == 32)
  #expect(pure.defenseSettings.training.maximumLength == 128)
  #expect(pure.defenseSettings.training.optimizer.weightDecay == 0)
  #expect(pure.defenseSettings.training.selection == .best)
  let highRate = try #require(cells.first { $0.defense.id == "fth" })
  #expect(highRate.defenseSettings.training.learningRate == 5e-5)
}

// The constants of the released code.
@Test func `the reference recipe brings its own constants`() throws {
  let defaults = #""defaults": {"defense": {"recipe": "reference"}},"#
  let settings = try #require(makePlan(planJSON(extra: defaults)).cells.last).defenseSettings
  #expect((settings.method as? PURE)?.pruningStep == 10)
  #expect(settings.training.optimizer.weightDecay == 0.01)
  #expect(settings.training.schedule == .linearDecay)
  #expect(settings.training.maximumGradientNorm == 1)
  #expect(settings.training.selection == .last)
  #expect(settings.training.order == .asGiven)
}

@Test func `the particular wins over the general`() throws {
  let defaults = #""defaults": {"defense": {"epochs": 7, "learningRate": 1e-4}},"#
  let defenses = """
    {"id": "a", "kind": "ft"}, {"id": "b", "title": "2", "kind": "ft", "settings": {"epochs": 2}}
    """
  let json = planJSON(seeds: "[1]", extra: defaults, defenses: defenses)
    .replacing(#", "only": {"defenses": ["ft"]}"#, with: "")
  let cells = try makePlan(json).cells.filter(\.attack.poisons)
  #expect(cells.map(\.defenseSettings.training.epochs) == [7, 2])
  #expect(cells.map(\.defenseSettings.training.learningRate) == [1e-4, 1e-4])
}

@Test func `variables fill in paths and have defaults`() throws {
  let plan = try makePlan(root: "/data")
  #expect(plan.models.map(\.path) == ["/data/model"])
  let value = try JSONValue(parsing: Array(planJSON().utf8), file: "plan.json")
  let other = try Plan(JSONNode(value, file: "plan.json"), setting: ["ROOT=/data", "MODEL=m=2"])
  #expect(other.models.map(\.path) == ["/data/m=2"])
  #expect(other.hash != plan.hash)
  #expect(try makePlan(root: "/data").hash == plan.hash)
}

/// As the paper has mu: 0.05 against syntax and style. Plain fine-tuning has none.
@Test func `a layer of settings reaches the defences that have them, and no other`() throws {
  let attacks = """
    {"id": "badnets", "kind": "badnets"},
    {"id": "addsent", "kind": "addsent", "defense": {"normWeight": 0.05, "accuracyFloor": 0.7}}
    """
  let cells = try makePlan(planJSON(seeds: "[1]", attacks: attacks)).cells
  func settings(_ attack: String, _ defense: String) throws -> JSONValue {
    try #require(cells.first { $0.attack.id == attack && $0.defense.id == defense })
      .defenseSettings.json
  }
  #expect(try settings("badnets", "ft") == settings("addsent", "ft"))
  #expect(try settings("addsent", "ft")["normWeight"] == nil)
  for defense in ["norm-only", "pure"] {
    #expect(try settings("badnets", defense)["normWeight"] == .double(0.15))
    #expect(try settings("addsent", defense)["normWeight"] == .double(0.05))
  }
  #expect(try settings("addsent", "pure")["accuracyFloor"] == .double(0.7))
  #expect(try settings("addsent", "norm-only")["accuracyFloor"] == nil)
}

@Test func `a scenario has settings of its own for attack and defence`() throws {
  let yelp = """
    , {"id": "yelp", "attackData": {"train": {"path": "${ROOT}/yelp.csv", "format": "polarity"},
       "validation": "${ROOT}/dev.jsonl"}, "defenseData": {"train": "${ROOT}/train.tsv",
       "validation": "${ROOT}/dev.tsv", "test": "${ROOT}/test.tsv"},
       "attack": {"maximumLength": 256, "insertionLimit": 64, "selection": "best"},
       "defense": {"maximumLength": 96, "accuracyFloor": 0.7}}
    """
  let cells = try makePlan(planJSON(seeds: "[1]", scenarios: yelp)).cells
  func cell(_ scenario: String) throws -> Cell {
    try #require(cells.first { $0.group == "bert/badnets/\(scenario)/pure" })
  }
  let (near, far) = (try cell("fdk"), try cell("yelp"))
  #expect(near.attackSettings.training.maximumLength == 128)
  #expect(near.attackSettings.training.selection == .last)
  #expect(far.attackSettings.training.maximumLength == 256)
  #expect(far.attackSettings.training.selection == .best)
  #expect((far.attackSettings.method as? BadNets)?.insertionLimit == 64)
  #expect(far.defenseSettings.training.maximumLength == 96)
  #expect((far.defenseSettings.method as? PURE)?.accuracyFloor == 0.7)
  #expect(far.scenario.attackTrain.format == .polarity && near.scenario.attackTrain.format == nil)
  #expect(far.scenario.attackValidation?.path == "/nowhere/dev.jsonl")
}

private let absentCell =
  #"{"model": "bert", "attack": "none", "scenario": "fdk", "defense": "pure"}"#
private let publishedCell =
  #"{"model": "bert", "attack": "badnets", "scenario": "fdk", "defense": "ft"}"#

@Test(arguments: [
  (#""titel": "x","#, #"plan.json, titel: is not a key that belongs here; did you mean "title"?"#),
  (
    #""defaults": {"defense": {"epoch": 3}},"#,
    #"plan.json, defaults.defense.epoch: is not a key that belongs here; did you mean "epochs"?"#
  ),
  (
    #""defaults": {"defense": {"epochs": 0}},"#,
    "plan.json, defaults.defense.epochs: is 0, outside 1 to 10000; correct it"
  ),
  (
    #""defaults": {"defense": {"recipe": "papr"}},"#,
    #"plan.json, defaults.defense.recipe: is "papr"; did you mean "paper"?"#
  ),
  (
    #""defaults": {"attack": {"selection": "best"}},"#,
    #"plan.json, defaults.attack.selection: is "best", but the scenario "fdk" has no "#
      + #"attackData.validation; add it or use "last""#
  ),
  (
    #""paper": {"source": "s", "cells": [{"model": "brt", "attack": "badnets", "#
      + #""scenario": "fdk", "defense": "ft"}]},"#,
    #"plan.json, paper.cells[0].model: names "brt", which the plan does not have; "#
      + #"did you mean "bert"?"#
  ),
  (
    #""paper": {"source": "s", "cells": [\#(publishedCell), \#(publishedCell)]},"#,
    "plan.json, paper.cells[1]: is there twice; remove one"
  ),
  (
    #""paper": {"source": "s", "cells": [\#(absentCell)]},"#,
    "plan.json, paper.cells[0]: is about bert/none/fdk/pure, which the plan does not run; "
      + "correct or remove it"
  ),
])
func `a mistake in a plan is named with its remedy`(extra: String, sentence: String) {
  #expect(complaint(planJSON(extra: extra)) == sentence)
}

@Test func `a setting that a defence would ignore is refused`() {
  let defenses = #"{"id": "ft", "kind": "ft", "settings": {"normWeight": 0.1}}"#
  #expect(
    complaint(planJSON(defenses: defenses)).hasPrefix(
      "plan.json, defenses[0].settings.normWeight: is not a key that belongs here"))
}

@Test func `an identifier twice, or one that is no file name, is refused`() {
  #expect(
    complaint(planJSON(defenses: #"{"id": "ft", "kind": "ft"}, {"id": "ft", "kind": "pure"}"#))
      == #"plan.json, defenses[1]: has the id "ft" of an entry before it; rename one"#)
  #expect(
    complaint(planJSON(defenses: #"{"id": "../ft", "kind": "ft"}"#)).contains(
      "cannot name anything"))
}

@Test func `two entries that read alike are refused`() {
  let long = "a very long title of many words that says"
  for (first, second) in [
    (#""kind": "ft""#, #""kind": "ft""#),
    (#""kind": "ft""#, #""kind": "fth", "title": " FT\u0007""#),
    (#""kind": "ft", "title": "\#(long) 1""#, #""kind": "ft", "title": "\#(long) 2""#),
  ] {
    let sentence = complaint(
      planJSON(defenses: #"{"id": "ft", \#(first)}, {"id": "b", \#(second)}"#))
    #expect(sentence.contains("defenses[1]: reads \""), "\(sentence)")
    #expect(sentence.hasSuffix(#"as another entry does; give it another "title""#), "\(sentence)")
  }
  let attacks =
    #"{"id": "a", "title": "x", "kind": "lwp"}, {"id": "b", "title": "x", "kind": "lwp"}"#
  #expect(complaint(planJSON(attacks: attacks)).contains(#"attacks[1]: reads "x" in tables"#))
  #expect(
    complaint(planJSON(defenses: #"{"id": "ft", "kind": "ft", "title": " "}"#))
      == "plan.json, defenses[0]: has a blank title; write one, or leave it out")
}

@Test func `an attack that meets nothing is refused`() {
  let attacks = #"{"id": "a", "kind": "badnets", "only": {"defenses": []}}"#
  #expect(
    complaint(planJSON(attacks: attacks)).hasPrefix(
      "plan.json, attacks[0].only.defenses: is empty"))
}

/// A scenario whose data not everybody has.
private func optionalScenario(_ variables: String = #""YELP""#) -> String {
  """
  , {"id": "yelp", "title": "Yelp", "needs": [\(variables)],
     "attackData": {"train": "${YELP}/train.tsv"}, "defenseData": {"train": "${ROOT}/train.tsv",
     "validation": "${ROOT}/dev.tsv", "test": "${ROOT}/test.tsv"}}
  """
}

@Test func `a scenario whose variables have no value is left out, and the user told`() throws {
  let attacks = """
    {"id": "badnets", "kind": "badnets"},
    {"id": "lwp", "kind": "lwp", "only": {"scenarios": ["yelp"]}}
    """
  let paper =
    #""paper": {"source": "s", "cells": ["#
    + publishedCell.replacing("fdk", with: "yelp") + "]},"
  let json = planJSON(seeds: "[1]", extra: paper, attacks: attacks, scenarios: optionalScenario())
    .replacing(#""ROOT": null,"#, with: #""ROOT": null, "YELP": null,"#)
  func plan(_ settings: String...) throws -> Plan {
    let value = try JSONValue(parsing: Array(json.utf8), file: "plan.json")
    return try Plan(JSONNode(value, file: "plan.json"), setting: ["ROOT=/nowhere"] + settings)
  }
  let without = try plan()
  #expect(Set(without.cells.map(\.scenario.id)) == ["fdk"])
  #expect(Set(without.cells.map(\.attack.id)) == ["badnets"])
  #expect(
    without.notes == [#"the scenario "yelp" is left out; --set YELP=VALUE brings it in"#])
  #expect(SweepReport(without, []).html.contains("--set YELP=VALUE"))
  let whole = try plan("YELP=/yelp")
  #expect(Set(whole.cells.map(\.scenario.id)) == ["fdk", "yelp"] && whole.notes == [])
  #expect(Set(whole.cells.map(\.attack.id)) == ["badnets", "lwp"])
  #expect(whole.cells.last?.scenario.attackTrain.path == "/yelp/train.tsv")
}

@Test func `a plan of which everything is left out, or that needs what it lacks, is refused`() {
  let variables = #""ROOT": null,"#
  let json = planJSON(scenarios: optionalScenario())
  #expect(complaint(json).contains(#"scenarios[1].needs: names "YELP", which the plan"#))
  let alone = json.replacing(#"{"id": "fdk","#, with: #"{"id": "fdk", "needs": ["SST2", "X"],"#)
    .replacing(variables, with: variables + #""YELP": null, "SST2": null, "X": null,"#)
  #expect(
    complaint(alone)
      == "plan.json, scenarios: are all left out, because variables that they need have no value; "
      + "give one with --set SST2=VALUE --set X=VALUE, or --set YELP=VALUE")
}

@Test func `a variable without value and one that does not exist are named`() {
  #expect(
    complaint(planJSON(), setting: [])
      == "plan.json, models[0].path: needs a value for ${ROOT}; give one with --set ROOT=VALUE")
  #expect(
    complaint(planJSON(), setting: ["ROTO=1"])
      == "--set ROTO=1 names no variable of the plan; did you mean ROOT=…?")
}
