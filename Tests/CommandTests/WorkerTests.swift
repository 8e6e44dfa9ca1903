import Checkpoints
import Defenses
import Files
import Laboratory
import Settings
import Stages
import Tensors
import TestSupport
import Testing
import Text
import Training

/// A worker knows no plan: a stage as a document is all that it is given.
@Suite struct `A worker` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  /// FT's only stage.
  private func stage() throws -> Stage {
    var graph = StageGraph()
    var training = PURE.fineTuning.training(.paper)
    (training.epochs, training.batchSize, training.classifier) = (2, 8, .native)
    let texts = bench.scratch.file("train.tsv")
    return graph.add(
      FineTuningStage(training), try graph.model(tinyModel),
      try graph.texts(TextSource(texts), as: "train"),
      try graph.texts(TextSource(bench.scratch.file("test.tsv")), as: "validation"))
  }

  /// Hands lines to a worker and returns what it says.
  private func work(_ lines: [String]) throws -> Program.Outcome {
    try bench.write(lines.map { $0 + "\n" }.joined(), to: "orders")
    var shell = bench.program
    shell.path = "/bin/sh"
    return try shell.run("-c", "\(Program.pure) worker --device cpu --threads 1 <orders")
  }

  private func order(_ stage: Stage) -> String {
    let order = StageOrder(
      stage: stage, store: bench.scratch.file("store"), earlierFault: nil)
    return String(decoding: order.json.serialized(), as: UTF8.self)
  }

  @Test func `does the stage on its standard input, with the bits of the command`() throws {
    let stage = try stage()
    let outcome = try work([order(stage)])
    let news = try outcome.jsonLines.compactMap { $0["news"]?.string }
    #expect(outcome.code == 0 && news.first == "ready" && news.last == "done", "\(outcome.output)")
    let line = [
      "finetune", "--model", tinyModel, "--train", "train.tsv", "--validation", "test.tsv",
      "--epochs", "2", "--batch-size", "8", "--threads", "1", "--out", "model",
    ]
    #expect(try bench.program.run(line).code == 0)
    #expect(
      try bench.bytes("store/\(stage.name)/model/model.safetensors")
        == bench.bytes("model/model.safetensors"))
    // Done is done.
    let again = try work([order(stage)])
    #expect(try again.jsonLines.compactMap { $0["news"]?.string } == ["ready", "done"])
  }

  @Test func `refuses what it cannot do, and ends for none of it`() throws {
    let stage = try stage()
    let model = try ContentHasher().model(tinyModel, as: "train")
    let texts = try ContentHasher().texts(TextSource(bench.scratch.file("train.tsv")), as: "model")
    let missing = Stage(stage.work, [])
    let mistaken = Stage(stage.work, [texts, model])
    let precise = Stage(stage.work, stage.inputs, precision: .bf16)
    let outcome = try work([missing, mistaken, precise, stage].map(order))
    let reasons = try outcome.jsonLines.compactMap { $0["reason"]?.string }
    #expect(outcome.code == 0 && reasons.count == 3, "\(outcome.output)")
    for (reason, words) in zip(
      reasons, ["needs the input model", "needs the model model", "is to be done in bf16"])
    {
      #expect(reason.contains(words), "\(reason)")
    }
    #expect(try outcome.jsonLines.last?["news"]?.string == "done")
  }

  @Test func `says what is wrong with an order, and is there for the next one`() throws {
    let right = order(try stage())
    let input = try Stage(
      PruningStage(HeadPruning(), maximumLength: 128),
      [stage().output(as: "classifier"), stage().output(as: "scores")])
    let orders = [
      right.replacing(#""epochs":2"#, with: #""epochs":3"#),
      right.replacing(#""finetune""#, with: #""finetunes""#), "{}", "not JSON", order(input),
    ]
    let outcome = try work(orders + [right])
    let reasons = try outcome.jsonLines.filter { $0["news"]?.string == "failed" }
      .map { $0["reason"]?.string ?? "" }
    #expect(outcome.code == 0)
    #expect(reasons.count == 5, "\(outcome.output)")
    for (reason, words) in zip(
      reasons,
      ["is not that of its stage", "did you mean", "stage: is missing", "JSON", "no result of a"])
    {
      #expect(reason.contains(words), "\(reason)")
    }
    #expect(try outcome.jsonLines.last?["news"]?.string == "done")
  }
}
