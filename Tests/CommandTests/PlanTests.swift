import Files
import TestSupport
import Testing

@Suite struct `A plan that cannot work` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func sweep(
    attack: String = "", seeds: String = "[11]", _ more: String...
  ) throws -> Program.Outcome {
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 1\(attack)}, "defense": {"epochs": 1}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv"}, "defenseData":
         {"train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"}}],
       "attacks": [{"id": "badnets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": \(seeds)}
      """, to: "plan.json")
    return try bench.program.run(["sweep", "plan.json", "--out", "out"] + more)
  }

  @Test func `fails the cells whose target is no class, and says so`() throws {
    let outcome = try sweep(attack: #", "targetLabel": 2"#)
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("targetLabel 2 is none of the 2 classes"))
  }

  @Test func `is refused before anything is made`() throws {
    for outcome in [try sweep(seeds: "[]"), try sweep(attack: #", "triggers": [" "]"#)] {
      #expect(outcome.code == 2)
      #expect(outcome.errors.contains("plan.json, "))
      #expect(!Path.exists(bench.scratch.file("out")))
    }
  }

  @Test func `says which file of a model is missing`() throws {
    try bench.write("{}", to: "empty/other.json")
    let plan = try sweep("--dry-run")
    #expect(plan.code == 0)
    try bench.replace(tinyModel, with: "empty", in: "plan.json")
    let outcome = try bench.program.run("sweep", "plan.json", "--out", "out")
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("empty/config.json: does not exist"))
  }

  @Test func `shows its stages as JSON lines in a dry run`() throws {
    let lines = try sweep("--dry-run", "--json").jsonLines
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0["cached"]?.bool == false })
  }
}
