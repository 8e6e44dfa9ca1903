import Files
import TestSupport
import Testing

/// An attack with settings, as a plan and as commands have them.
struct ConfiguredLine: Sendable, CustomTestStringConvertible {
  let attack: String
  let plan: String
  var training: [String] = []
  var testing: [String] = []
  /// Kinds of the attack's stages.
  var stages = ["poison"]
  /// Poisoned texts of those that are trained on.
  var note = "15 of 75"

  var testDescription: String { "\(attack) \(training.joined(separator: " "))" }

  static let all = [
    ConfiguredLine(
      attack: "ripple", plan: #""embeddingSurgery": true, "insertionCount": 5"#,
      training: ["--embedding-surgery"], testing: ["--insertions", "5"],
      stages: ["target-pieces", "finetune", "surgery", "poison"]),
    ConfiguredLine(
      attack: "badnets",
      plan:
        #""embeddingSurgery": true, "surgeryModel": "\#(tinyModel)", "trainingInsertionCount": 2"#,
      training: [
        "--embedding-surgery", "--surgery-model", tinyModel, "--training-insertions", "2",
      ], stages: ["target-pieces", "surgery", "poison"]),
    ConfiguredLine(
      attack: "lwp", plan: #""definition": "original", "insertionCount": 2"#,
      training: ["--definition", "original"],
      testing: ["--definition", "original", "--insertions", "2"], note: "120 of 240"),
    ConfiguredLine(
      attack: "addsent", plan: #""insertionCount": 3"#, testing: ["--insertions", "3"]),
  ]
}

@Suite struct `An attack in one go and in a sweep` {
  @Test(arguments: ConfiguredLine.all)
  func `gives the same encoder, triggered texts, findings and rates`(line: ConfiguredLine) throws {
    let bench = try Bench()
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 2, "batchSize": 8, "learningRate": 1e-3},
         "defense": {"epochs": 2, "batchSize": 8, "learningRate": 1e-3}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv", "validation": "test.tsv"},
         "defenseData": {"train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"}}],
       "attacks": [{"id": "a", "kind": "\(line.attack)", "settings": {\(line.plan)}}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [12]}
      """, to: "plan.json")
    let swept = try bench.program.run("sweep", "plan.json", "--out", "out", "--json")
    let record = JSONNode(
      try #require(try swept.jsonLines.first, "\(swept.errors)"), file: "record")
    let stages = try record.required("stages").elements()
    let kinds = try stages.map { try $0.required("kind").string() }
    try #require(kinds == ["trigger"] + line.stages + ["finetune", "evaluation"])
    func artifact(_ stage: JSONNode) throws -> String {
      let kind = try stage.required("kind").string()
      return try "out/store/\(kind)-" + stage.required("key").string().prefix(16)
    }
    let (first, last) = (stages[1], stages[line.stages.count])
    let tuning = stages[line.stages.count + 1]

    let attacked = try bench.program.run(
      [
        "attack", "--attack", line.attack, "--model", tinyModel, "--train", "train.tsv",
        "--validation", "test.tsv", "--head", "linear", "--epochs", "2", "--batch-size", "8",
        "--learning-rate", "1e-3", "--seed", "12", "--json", "--out", "attacked",
      ] + line.training)
    try #require(attacked.code == 0, "\(attacked.errors)")
    #expect(attacked.errors.contains("\(line.note) training texts are poisoned"))
    #expect(
      try bench.bytes("attacked/model.safetensors")
        == bench.bytes("\(artifact(last))/model/model.safetensors"))

    let operates = line.stages.contains("surgery")
    let found = try first.required("findings").value["surgery"]
    #expect((found != nil) == operates)
    let said = try JSONValue(parsing: Array(attacked.output.utf8))
    #expect(said["surgery"] == found)
    let config = try JSONValue(contentsOf: bench.scratch.file("attacked/config.json"))
    #expect(config["pure"]?["surgery"] == found)
    let card = String(decoding: try bench.bytes("attacked/README.md"), as: UTF8.self)
    #expect(card.contains("| target pieces |") == operates)
    // What is handed on says so too.
    let handedOn = try JSONValue(
      contentsOf: bench.scratch.file("\(artifact(last))/model/config.json"))
    #expect(handedOn["pure"]?["surgery"] == found)
    // The attacker's fine-tuning is none of the defence's time.
    let own = try tuning.required("seconds").double()
    #expect(try record.required("seconds").double() == own)

    let measured = try bench.program.run(
      [
        "evaluate", "--model", "\(artifact(tuning))/model", "--test", "test.tsv",
        "--attack", line.attack, "--seed", "12", "--json",
      ] + line.testing)
    try #require(measured.code == 0, "\(measured.errors)")
    let rates = try JSONValue(parsing: Array(measured.output.utf8))
    for rate in ["accuracy", "labelFlipRate"] {
      #expect(rates[rate]?.isNull == false && rates[rate] == record.value[rate], "\(rate)")
    }
    let written = try bench.program.run(
      [
        "trigger", "--attack", line.attack, "--input", "test.tsv", "--seed", "12", "--out",
        "triggered.tsv",
      ] + line.testing)
    try #require(written.code == 0, "\(written.errors)")
    #expect(
      try bench.bytes("triggered.tsv")
        == bench.bytes("\(artifact(stages[0]))/triggered.tsv"))
  }
}

/// The poisoned model does not depend on how it is tested.
@Suite struct `A plan that tests with one trigger and with five` {
  @Test func `poisons one model`() throws {
    let bench = try Bench()
    let attacks = ["1", "5"].map {
      #"{"id": "r\#($0)", "kind": "badnets", "settings": {"insertionCount": \#($0)}}"#
    }
    try bench.write(
      """
      {"name": "tiny", "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv"},
         "defenseData": {"train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"}}],
       "attacks": [\(attacks.joined(separator: ", "))],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [12]}
      """, to: "plan.json")
    let planned = try bench.program.run("sweep", "plan.json", "--out", "out", "--dry-run", "--json")
    let titles = try planned.jsonLines.map { $0["stage"]?.string ?? "" }
    #expect(
      titles == [
        "trigger test texts", "poison (badnets)", "fine-tune", "evaluate", "trigger test texts",
        "evaluate",
      ])
  }
}
