import Attacks
import Defenses
import Files
import Tensors
import Testing
import Text
import Training

@testable import Laboratory

/// The sentence of the error that a plan must cause.
private func complaint(_ json: String, setting settings: [String] = ["ROOT=/nowhere"]) -> String {
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
  let defenses = #"{"id": "a", "kind": "ft"}, {"id": "b", "kind": "ft", "settings": {"epochs": 2}}"#
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

@Test func `a variable without value and one that does not exist are named`() {
  #expect(
    complaint(planJSON(), setting: [])
      == "plan.json, models[0].path: needs a value for ${ROOT}; give one with --set ROOT=VALUE")
  #expect(
    complaint(planJSON(), setting: ["ROTO=1"])
      == "--set ROTO=1 names no variable of the plan; did you mean ROOT=…?")
}
