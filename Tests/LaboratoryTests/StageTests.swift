import Files
import Stages
import Tensors
import TestSupport
import Testing
import Text

@testable import Laboratory

private func stagesByGroup(
  _ json: String = planJSON(seeds: "[11]"), in directory: Scratch
) throws -> [String: CellStages] {
  let plan = try makePlan(json, root: directory.path)
  let hasher = ContentHasher()
  var stages: [String: CellStages] = [:]
  for cell in plan.cells { stages[cell.group] = try CellStages(cell, hasher) }
  return stages
}

private func keys(_ stages: CellStages?, _ kind: String) throws -> [String] {
  try #require(stages).all.filter { $0.kind == kind }.map(\.key)
}

@Test func `PURE's first step is the FT baseline and all share one poisoned model`() throws {
  let directory = try Scratch()
  try directory.addInputs()
  let cells = try stagesByGroup(in: directory)
  let ft = try #require(cells["bert/badnets/fdk/ft"])
  let pure = try #require(cells["bert/badnets/fdk/pure"])
  #expect(pure.all.first { $0.kind == "finetune" }?.key == ft.final.key)
  #expect(pure.final.key != ft.final.key)
  let poisoned = try cells.filter { $0.key.contains("badnets") }.values.map {
    try keys($0, "poison")
  }
  #expect(Set(poisoned).count == 1 && poisoned.count == 5)
  #expect(try keys(cells["bert/none/fdk/ft"], "poison") == [])
}

@Test func `each defence has the stages of its definition`() throws {
  let directory = try Scratch()
  try directory.addInputs()
  let cells = try stagesByGroup(in: directory)
  let kinds = cells.mapValues { $0.all.map(\.kind) }
  #expect(kinds["bert/none/fdk/ft"] == ["trigger", "finetune", "evaluation"])
  #expect(kinds["bert/badnets/fdk/ft"] == ["trigger", "poison", "finetune", "evaluation"])
  #expect(kinds["bert/badnets/fdk/fth"] == ["trigger", "poison", "finetune", "evaluation"])
  #expect(
    kinds["bert/badnets/fdk/norm-only"]
      == ["trigger", "poison", "finetune", "scores", "finetune", "evaluation"])
  for id in ["prune-only", "pure"] {
    #expect(
      kinds["bert/badnets/fdk/\(id)"]
        == ["trigger", "poison", "finetune", "scores", "pruning", "finetune", "evaluation"])
  }
}

/// Figure 5 of the paper. Where nothing is weighed by scores, none are made.
@Test
func `layers that are weighed alike are other stages than the paper's, which keep their keys`()
  throws
{
  let directory = try Scratch()
  try directory.addInputs()
  let paper = try stagesByGroup(in: directory)
  func stages(_ weights: String) throws -> [String: CellStages] {
    let defaults = #""defaults": {"defense": {"layerWeights": "\#(weights)"}},"#
    return try stagesByGroup(planJSON(seeds: "[11]", extra: defaults), in: directory)
  }
  let (variance, uniform) = (try stages("variance"), try stages("uniform"))
  for (group, cell) in paper {
    #expect(variance[group]?.all == cell.all, "\(group)")
    let normalizes = group.hasSuffix("/norm-only") || group.hasSuffix("/pure")
    #expect((uniform[group]?.final == cell.final) != normalizes, "\(group)")
  }
  #expect(
    uniform["bert/badnets/fdk/norm-only"]?.all.map(\.kind)
      == ["trigger", "poison", "finetune", "evaluation"])
  #expect(uniform["bert/badnets/fdk/norm-only"]?.heads == nil)
  let pruned = try #require(uniform["bert/badnets/fdk/pure"])
  #expect(pruned.heads == paper["bert/badnets/fdk/pure"]?.heads)
  #expect(pruned.final.inputs.contains { $0.name == "pruning" })
}

@Test func `a key depends on contents and settings, not on places or titles`() throws {
  let first = try Scratch()
  let second = try Scratch()
  try first.addInputs()
  try second.addInputs()
  let group = "bert/badnets/fdk/pure"
  let key = try #require(stagesByGroup(in: first)[group]).evaluation.key
  let moved = planJSON(seeds: "[11]").replacing("\"A test\"", with: "\"Another title\"")
  #expect(try stagesByGroup(moved, in: second)[group]?.evaluation.key == key)
  let other = planJSON(seeds: "[11]", attackSettings: #"{"poisonRate": 0.4}"#)
  #expect(try stagesByGroup(other, in: first)[group]?.evaluation.key != key)
  try second.write("another text\t0\n", to: "dev.tsv")
  #expect(try stagesByGroup(in: second)[group]?.evaluation.key != key)
}

@Test func `the key is the hash of the canonical identity`() throws {
  let directory = try Scratch()
  try directory.addInputs()
  let test = try ContentHasher().texts(TextSource(directory.path + "/test.tsv"), as: "test")
  let stage = Stage(EvaluationStage(targetLabel: 1, maximumLength: 128), [test])
  let canonical =
    #"{"formatVersion":3,"inputs":{"test":"content:\#(try contentHash(of: test))"},"#
    + #""kind":"evaluation","parameters":{"maximumLength":128,"targetLabel":1}}"#
  #expect(stage.key == SHA256.hex(of: Array(canonical.utf8)))
  #expect(stage.name == "evaluation-" + stage.key.prefix(16))
}

private func contentHash(of input: Stage.Input) throws -> String {
  guard case .texts(let source, _) = input.source else { return "" }
  return try Dataset.contentHash(of: source.path)
}

@Test func `every stage of a plan is understood from its document alone`() throws {
  let directory = try Scratch()
  try directory.addInputs()
  for (group, cell) in try stagesByGroup(in: directory) {
    for stage in cell.all {
      let text = stage.json.serialized()
      let read = try Stage(JSONNode(JSONValue(parsing: text, file: "order"), file: "order"))
      #expect(read.key == stage.key && read.inputs == stage.inputs, "\(group): \(stage.name)")
      #expect(read.json == stage.json)
    }
  }
}

@Test func `a document of another version is refused`() throws {
  let directory = try Scratch()
  try directory.addInputs()
  let stage = try #require(stagesByGroup(in: directory)["bert/badnets/fdk/pure"]).evaluation
  func complaint(_ old: String, _ new: String) -> String {
    let text = String(decoding: stage.json.serialized(), as: UTF8.self).replacing(old, with: new)
    do {
      _ = try Stage(JSONNode(JSONValue(parsing: Array(text.utf8), file: "order"), file: "order"))
      return "no error"
    } catch {
      return "\(error)"
    }
  }
  #expect(complaint(#""maximumLength":128"#, #""maximumLength":64"#).contains("is not that of its"))
  #expect(complaint(#""evaluation""#, #""evaluatoin""#).contains(#"did you mean "evaluation"?"#))
}

@Test func `a folder of texts counts with the contents of its files`() throws {
  let directory = try Scratch()
  try directory.addInputs()
  for name in ["neg/1.txt", "pos/2.txt"] { try directory.write("text", to: "folder/" + name) }
  let plan = planJSON(seeds: "[11]").replacing("train.tsv", with: "folder")
  func key() throws -> String? {
    try stagesByGroup(plan, in: directory)["bert/badnets/fdk/ft"]?.final.key
  }
  let key0 = try key()
  #expect(try key() == key0)
  try directory.write("others do not count", to: "folder/README")
  #expect(try key() == key0)
  try directory.write("another text", to: "folder/pos/2.txt")
  #expect(try key() != key0)
}

@Test func `another precision is another stage, but for work on texts, and fp32 keeps its old key`()
  throws
{
  let directory = try Scratch()
  try directory.addInputs()
  let plan = try makePlan(planJSON(seeds: "[11]"), root: directory.path)
  let cell = try #require(plan.cells.first { $0.group == "bert/badnets/fdk/pure" })
  func stages(_ precision: Precision) throws -> [Stage] {
    try CellStages(cell, ContentHasher(), in: precision).all
  }
  let before = try stages(.fp32)
  #expect(before.allSatisfy { $0.identity["precision"] == nil })
  for precision in [Precision.tf32, .bf16] {
    for (stage, other) in zip(before, try stages(precision)) {
      #expect((stage.key == other.key) == (stage.kind == "trigger"), "\(stage.kind)")
    }
  }
  #expect(try Set(stages(.tf32).map(\.key)).intersection(stages(.bf16).map(\.key)).count == 1)
}

@Test func `a directory's hash sees its model files and nothing else`() throws {
  let directory = try Scratch()
  try directory.addInputs()
  let model = directory.path + "/model"
  let hash = try ContentHasher().model(model, as: "model")
  try directory.write("notes", to: "model/README.md")
  #expect(try ContentHasher().model(model, as: "model") == hash)
  try directory.write("weights", to: "model/model.safetensors")
  #expect(try ContentHasher().model(model, as: "model") != hash)
}
