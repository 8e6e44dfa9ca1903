import Files
import TestSupport
import Testing

/// A line that cannot work, and what its one sentence has to say.
struct Refusal: CustomTestStringConvertible, Sendable {
  var arguments: [String]
  var code = 2
  let says: [String]
  var environment: [String] = []

  init(
    _ arguments: String..., says: [String], code: Int = 2, environment: [String] = []
  ) {
    self.arguments = arguments
    self.says = says
    self.code = code
    self.environment = environment
  }

  var testDescription: String { (environment + arguments).joined(separator: " ") }

  static let lines = [
    Refusal("finetune", says: ["--model", "required"]),
    Refusal(
      "evaluate", "--model", "absent", "--test", "test.tsv", says: ["absent", "does not exist"]),
    Refusal("evaluate", "--model", "", "--test", "test.tsv", says: ["--model", "a value"]),
    Refusal("sweep", "", "--out", "new", says: ["PLAN"]),
    Refusal("predict", "--model", tinyModel, "--input", "test.tsv", says: ["test.tsv", "table"]),
    evaluating("--test", "absent.tsv", says: ["absent.tsv", "does not exist"]),
    evaluating("--test", "absent", says: ["absent", "does not exist"]),
    evaluating("--test", "empty.tsv", says: ["empty.tsv", "is empty"]),
    evaluating("--test", ".", says: ["no folder neg"]),
    evaluating("--test", "unlabelled.tsv", says: ["unlabelled.tsv, line 2", "no label"]),
    evaluating("--test", "escape.tsv", says: ["escape.tsv, line 2", #"\u{1B}[31m"#]),
    evaluating("--test", "broken.tsv", says: ["broken.tsv, line 3", "not valid UTF-8"]),
    evaluating("--test", "zero.tsv", says: ["zero.tsv, line 2", "NUL"]),
    evaluating("--test", "test.tsv", says: ["classes negative, neutral, positive", "--labels"]),
    evaluating("--test", "test.tsv", "--labels", "a", says: ["--labels", "two or more"]),
    evaluating("--test", "test.tsv", "--labels", "a,a", says: ["1 different"]),
    evaluating(
      "--test", "test.tsv", "--labels", "0,1,2", "--target-label", "good",
      says: ["--target-label", "0, 1, 2"]),
    evaluating("--test", "test.tsv", "--poisoned", "x", "--attack", "badnets", says: ["exclude"]),
    evaluating(
      "--test", "test.tsv", "--labels", "0,1,2", "--target-label", "1", "--device", "gpu",
      says: [#"no device "gpu""#]),
    training(
      "--out", "new", "--device", "cpu", "--precision", "tf32", says: ["cpu", "AVX512_BF16"]),
    training("--out", "new", "--precision", "fp16", says: ["--precision", "bf16"]),
    Refusal(
      "verify", "--device", "cpu", says: ["cpu", "tf32", "AVX512_BF16"],
      environment: ["PURE_PRECISION=tf32"]),
    Refusal(
      "evaluate", "--model", tinyModel, "--test", "test.tsv", says: ["PURE_SEED", "whole number"],
      environment: ["PURE_SEED=x"]),
    Refusal("bench", says: ["PURE_THREADS"], environment: ["PURE_THREADS=0"]),
    Refusal("bench", "--model", tinyModel, says: ["--model", "without --step"]),
    Refusal("bench", "--step", "--operation", "fill", says: ["--operation", "with --step"]),
    Refusal(
      "bench", "--step", "--configuration", "bert-base", "--data", "test.tsv",
      says: ["--data", "with --configuration"]),
    Refusal(
      "bench", "--operation", "fil1", "--device", "cpu", says: ["no operation", #""fil1""#]),
    evaluating("--test", "test.tsv", "--triggers", "cf", says: ["--triggers", "without --attack"]),
    training("--out", "test.tsv", says: ["test.tsv", "not a directory"]),
    training("--out", "test.tsv/below", says: ["test.tsv", "not a directory"]),
    training("--out", ".", says: ["--out"]),
    training("--out", "", says: ["--out"]),
    training("--out", "full", says: ["full", "not empty"]),
    training("--out", tinyModel, says: ["not empty"]),
    training("--out", "/proc/none", says: ["/proc/none", "cannot be created"]),
    training("--out", "new", "--max-length", "2", says: ["--max-length", "from 3"]),
    training("--out", "new", "--seed", "-1", says: ["--seed"]),
    training("--out", "new", "--learning-rate", "nan", says: ["--learning-rate"]),
    training("--out", "new", "--out", "newer", says: ["twice"]),
    training("--out", "new", "--validation", "headed.tsv", says: ["headed.tsv", "no examples"]),
    Refusal(
      "trigger", "--attack", "badnets", "--input", "test.tsv", "--out", "new.tsv", "--triggers",
      ",",
      says: ["--triggers"]),
    Refusal(
      "trigger", "--attack", "badnets", "--input", "test.tsv", "--out", "new.tsv", "--triggers",
      " ",
      says: ["--triggers"]),
    Refusal(
      "trigger", "--attack", "badnets", "--input", "test.tsv", "--out", "none/new.tsv",
      says: ["none/new.tsv", "no such folder"]),
    Refusal(
      "trigger", "--attack", "badnets", "--input", "good.tsv", "--out", "new.tsv",
      says: ["good.tsv", "target class"]),
    Refusal(
      "heads", "--model", tinyModel, "--data", "test.tsv", "--out", "none/page.html",
      says: ["none/page.html", "no such folder"]),
    Refusal(
      "heads", "--model", tinyModel, "--data", "test.tsv", "--out", "test.tsv",
      says: ["test.tsv", "was not written by this program"]),
    Refusal(
      "defend", "--model", tinyModel, "--train", "train.tsv", "--out", "new", "--report",
      "good.tsv", says: ["good.tsv", "was not written by this program"]),
    Refusal(
      "defend", "--method", "ft", "--model", tinyModel, "--train", "train.tsv", "--out", "new",
      "--report", "page.html", says: ["--report", "ft"]),
    Refusal(
      "defend", "--method", "prune-only", "--model", tinyModel, "--train", "train.tsv", "--out",
      "new", "--norm-weight", "0.1", says: ["--norm-weight", "prune-only"]),
    Refusal(
      "defend", "--model", tinyModel, "--train", "train.tsv", "--out", "new", "--report",
      "none/page.html", says: ["none/page.html"]),
    Refusal(
      "defend", "--method", "fine-mixing", "--model", tinyModel, "--train", "train.tsv", "--out",
      "new", says: ["fine-mixing needs", "--clean-model"]),
    Refusal(
      "defend", "--method", "fine-mixing", "--model", tinyModel, "--clean-model", tinyModel,
      "--train", "train.tsv", "--out", "new", says: ["is the suspect itself"]),
    Refusal(
      "defend", "--method", "pure", "--model", tinyModel, "--train", "train.tsv", "--out", "new",
      "--kept-share", "0.5", says: ["--kept-share", "pure"]),
    Refusal(
      "trigger", "--attack", "badnets", "--input", "test.tsv", "--out", "new.tsv", "--sentence",
      "a trigger", says: ["--sentence", "badnets"]),
    Refusal(
      "trigger", "--attack", "addsent", "--input", "test.tsv", "--out", "new.tsv", "--sentence",
      " ", says: ["--sentence", "blank"]),
    Refusal(
      "evaluate", "--model", tinyModel, "--test", "test.tsv", "--sentence", "x",
      says: ["--sentence", "without --attack"]),
    triggering(says: ["--test-paraphrases", "testParaphrases"]),
    triggering("--test-paraphrases", "", says: ["--test-paraphrases", "a value"]),
    triggering("--test-paraphrases", "absent.tsv", says: ["absent.tsv", "does not exist"]),
    triggering(
      "--test-paraphrases", "train.tsv", says: ["train.tsv", "60 rows", "30 of test.tsv"]),
    triggering("--test-paraphrases", "turned.tsv", says: ["turned.tsv", "label in row 30"]),
    triggering(
      "--test-paraphrases", "test.tsv", "--paraphrase-column", "x",
      says: ["test.tsv, line 1", "column", "--paraphrase-column"]),
    triggering(
      "--test-paraphrases", "test.tsv", "--triggers", "cf", says: ["--triggers", "hiddenkiller"]),
    Refusal(
      "trigger", "--attack", "badnets", "--input", "test.tsv", "--out", "new.tsv",
      "--test-paraphrases", "test.tsv", says: ["--test-paraphrases", "badnets"]),
    triggering("--rewriter", "rule", says: ["--rewriter", "rules"]),
    triggering(
      "--rewriter", "rules", "--test-paraphrases", "test.tsv",
      says: ["testParaphrases \"test.tsv\" beside rules", "--rewriter rules"]),
    triggering(
      "--rewriter", "rules", "--paraphrase-column", "x", says: ["paraphraseColumn \"x\" beside"]),
    poisoning(
      "stylebkd", "--rewriter", "rules", "--train-paraphrases", "train.tsv",
      says: ["trainParaphrases \"train.tsv\" beside rules"]),
    poisoning("badnets", "--rewriter", "rules", says: ["--rewriter", "badnets"]),
    Refusal(
      "evaluate", "--model", tinyModel, "--test", "test.tsv", "--rewriter", "rules",
      says: ["--rewriter", "without --attack"]),
    poisoning("stylebkd", says: ["--train-paraphrases", "trainParaphrases", "--rewriter rules"]),
    poisoning("stylebkd", "--train-paraphrases", "test.tsv", says: ["30 rows", "60 of train.tsv"]),
    poisoning(
      "stylebkd", "--train-paraphrases", "train.tsv", "--mixing", "replace", "--poison-rate",
      "0.9", says: ["0.9", "outside the target class"]),
    poisoning("stylebkd", "--train-paraphrases", "train.tsv", says: ["never reads"]),
    poisoning("lwp", "--restriction-weight", "1", says: ["--restriction-weight", "lwp"]),
    poisoning("ripple", "--restriction-weight", "-1", says: ["--restriction-weight"]),
    Refusal(
      "attack", "--attack", "badnets", "--model", tinyModel, "--train", "negative.tsv", "--out",
      "new", says: ["negative.tsv", "no text of the target class \"positive\""]),
    poisoning("badnets", "--poison-rate", "0", says: ["train.tsv", "no text that is poisoned"]),
    poisoning("badnets", "--poison-rate", "1.5", says: ["--poison-rate", "to 1"]),
    poisoning("addsent", "--insertions", "5", says: ["--insertions"]),
    poisoning("addsent", "--training-insertions", "0", says: ["--training-insertions", "from 1"]),
    poisoning("addsent", "--embedding-surgery", says: ["--embedding-surgery", "addsent"]),
    poisoning("lwp", "--embedding-surgery", says: ["--embedding-surgery", "lwp"]),
    poisoning("badnets", "--definition", "original", says: ["--definition", "badnets"]),
    poisoning("lwp", "--definition", "other", says: ["--definition", "pure, original"]),
    poisoning(
      "lwp", "--definition", "original", "--triggers", "cf",
      says: ["different words", "--triggers"]),
    poisoning(
      "ripple", "--surgery-model", tinyModel, says: ["surgery model", "--embedding-surgery"]),
    poisoning(
      "ripple", "--embedding-surgery", "--surgery-model", "absent", says: ["absent", "exist"]),
    Refusal(
      "trigger", "--attack", "lwp", "--input", "test.tsv", "--out", "new.tsv", "--definition",
      "original", "--triggers", "cf", says: ["different words", "--triggers"]),
    Refusal(
      "trigger", "--attack", "badnets", "--input", "test.tsv", "--out", "new.tsv", "--insertions",
      "0", says: ["--insertions", "from 1"]),
    Refusal(
      "trigger", "--attack", "badnets", "--input", "test.tsv", "--out", "new.tsv",
      "--training-insertions", "2", says: ["--training-insertions"]),
    triggering("--insertions", "2", says: ["--insertions", "hiddenkiller"]),
    evaluating(
      "--test", "test.tsv", "--insertions", "2", says: ["--insertions", "without --attack"]),
    Refusal(
      "defend", "--method", "meft", "--model", tinyModel, "--train", "train.tsv", "--out", "new",
      "--step-limit", "0", says: ["--step-limit", "from 1"]),
    Refusal(
      "defend", "--method", "ft", "--model", tinyModel, "--train", "train.tsv", "--out", "new",
      "--stop-distance", "0.1", says: ["--stop-distance", "ft"]),
    Refusal("sweep", "absent.json", "--out", "new", says: ["absent.json"]),
    Refusal("sweep", "test.tsv", "--out", "new", says: ["test.tsv", "line 1"]),
    Refusal("predict", "--model", tinyModel, "--input", "bad.jsonl", says: ["bad.jsonl, line 1"]),
  ]

  private static func evaluating(_ more: String..., says: [String]) -> Refusal {
    var refusal = Refusal("evaluate", "--model", tinyModel, says: says)
    refusal.arguments = refusal.arguments + more
    return refusal
  }

  private static func triggering(_ more: String..., says: [String]) -> Refusal {
    var refusal = Refusal(
      "trigger", "--attack", "hiddenkiller", "--input", "test.tsv", "--out", "new.tsv", says: says)
    refusal.arguments = refusal.arguments + more
    return refusal
  }

  private static func poisoning(_ attack: String, _ more: String..., says: [String]) -> Refusal {
    var refusal = Refusal("attack", "--attack", attack, "--out", "new", says: says)
    refusal.arguments = refusal.arguments + Bench.training + more
    return refusal
  }

  private static func training(_ more: String..., says: [String]) -> Refusal {
    var refusal = Refusal("finetune", says: says)
    refusal.arguments = ["finetune"] + Bench.training + more
    return refusal
  }
}

@Suite struct `A line that cannot work` {
  @Test(arguments: Refusal.lines + Refusal.splits)
  func `gets one sentence, its exit code, and leaves nothing behind`(refusal: Refusal) throws {
    let bench = try Bench()
    try bench.write("", to: "empty.tsv")
    try bench.write("sentence\tlabel\n", to: "headed.tsv")
    try bench.write("sentence\tlabel\ngood\n", to: "unlabelled.tsv")
    try bench.write("sentence\tlabel\ngood\t\u{1B}[31mred\u{7}\n", to: "escape.tsv")
    try bench.write("sentence\tlabel\ngo\0od\t1\n", to: "zero.tsv")
    try bench.write("sentence\tlabel\ngood\t1\n", to: "good.tsv")
    try bench.write(
      "sentence\tlabel\n" + String(repeating: "bad\t0\n", count: 20), to: "negative.tsv")
    try bench.write("{\"text\": 5}\n", to: "bad.jsonl")
    let test = String(decoding: try bench.bytes("test.tsv"), as: UTF8.self)
    try bench.write(String(test.dropLast(2)) + "1\n", to: "turned.tsv")
    try AtomicFile.write(
      Array("sentence\tlabel\ngood\t1\nba".utf8) + [0xFF, 0x0A],
      to: bench.scratch.file("broken.tsv"))
    try Path.makeDirectory(bench.scratch.file("full/folder"))
    let before = try bench.scratch.names()

    let outcome = try bench.program.run(refusal.arguments, environment: refusal.environment)
    #expect(outcome.code == refusal.code)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("pure: "))
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    for words in refusal.says { #expect(outcome.errors.contains(words), "\(outcome.errors)") }
    #expect(!outcome.errors.utf8.contains(0x1B))
    let streams = try bench.scratch.names().filter { $0.hasSuffix(".out") || $0.hasSuffix(".err") }
    #expect(try bench.scratch.names().filter { !streams.contains($0) } == before)
  }
}

/// It is found in the first stage of several.
@Suite struct `Embedding surgery that cannot be done` {
  @Test(arguments: [
    (
      ["--triggers", "cf,\u{1F600}"], "the trigger \"\u{1F600}\" has no token that the model knows"
    ),
    (
      ["--max-examples", "8"], "that lean to the class \"positive\", and embedding surgery takes 10"
    ),
  ])
  func `is refused before anything is trained, and leaves nothing behind`(
    arguments: [String], says: String
  ) throws {
    let bench = try Bench()
    let before = try bench.scratch.names()
    let outcome = try bench.program.run(
      ["attack", "--attack", "ripple", "--embedding-surgery", "--out", "new"] + Bench.training
        + arguments)
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains(says), "\(outcome.errors)")
    #expect(!outcome.errors.contains("fine-tune"))
    let streams = try bench.scratch.names().filter { $0.hasSuffix(".out") || $0.hasSuffix(".err") }
    #expect(try bench.scratch.names().filter { !streams.contains($0) } == before)
  }

  /// The tiny models have vocabularies of their own.
  @Test func `with a model of another vocabulary says so`() throws {
    let bench = try Bench()
    let other = Path.join(packageRoot, "Tests/Fixtures/models/roberta")
    let outcome = try bench.program.run(
      [
        "attack", "--attack", "badnets", "--embedding-surgery", "--surgery-model", other, "--out",
        "new",
      ] + Bench.training)
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("\(other): calls the token 0"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("poison (badnets)"))
  }
}
