import Files
import Glibc
import TestSupport
import Testing

@Suite struct `A model with an odd head` {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.copyModel("model")
  }

  private func predict() throws -> Program.Outcome {
    try bench.program.run("predict", "--model", "model", "--input", "lines.txt")
  }

  @Test func `with one output gives the score that stock pipelines give, and no classes`() throws {
    let before = try predict().jsonLines
    try bench.keepOutputs(1)
    try bench.replace(#""id2label""#, with: #""somebodys_key""#, in: "model/config.json")
    try bench.replace("{", with: #"{"num_labels": 1,"#, in: "model/config.json")
    let lines = try predict().jsonLines
    #expect(lines.count == before.count)
    for (line, whole) in zip(lines, before) {
      let logits = try #require(line["logits"]?.array).compactMap(\.double)
      let probabilities = try #require(line["probabilities"]?.array).compactMap(\.double)
      // Another shape of product may round differently.
      let first = try #require(whole["logits"]?.array?.first?.double)
      #expect(logits.count == 1 && abs(logits[0] - first) < 0x1p-20 * max(1, abs(first)))
      #expect(probabilities == [1 / (1 + exp(-logits[0]))])
    }
    let evaluated = try bench.program.run("evaluate", "--model", "model", "--test", "test.tsv")
    #expect(evaluated.code == 2)
    #expect(evaluated.errors.contains("has one output"))
  }

  @Test func `is trained with a fresh one, and says what it left aside`() throws {
    try bench.replace(
      #""BertForSequenceClassification""#, with: #""BertForTokenClassification""#,
      in: "model/config.json")
    let refused = try predict()
    #expect(refused.code == 2)
    #expect(refused.errors.contains("BertForTokenClassification"))
    #expect(refused.errors.contains("pure finetune"))
    let note = "left aside: classifier.bias, classifier.weight\n"
    let training = ["--model", "model", "--train", "train.tsv", "--epochs", "1"]
    for command in [["finetune"], ["defend"], ["attack", "--attack", "badnets"]] {
      let outcome = try bench.program.run(command + training + ["--out", "out-" + command[0]])
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains(note), "\(outcome.errors)")
    }
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 1}, "defense": {"epochs": 1}},
       "models": [{"id": "ner", "path": "model"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv"}, "defenseData":
         {"train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"}}],
       "attacks": [{"id": "badnets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [11, 12]}
      """, to: "plan.json")
    let sweep = try bench.program.run("sweep", "plan.json", "--out", "swept")
    #expect(sweep.code == 0, "\(sweep.errors)")
    #expect(sweep.errors.ranges(of: note).count == 1, "\(sweep.errors)")
  }
}
