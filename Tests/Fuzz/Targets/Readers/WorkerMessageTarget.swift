import Attacks
import Defenses
import Files
import Laboratory
import Stages
import Tensors
import Text
import Training

/// What a sweep and its workers tell each other; what is read is written alike.
struct WorkerMessageTarget: FuzzTarget {
  static let name = "message"
  private let folder: FuzzFolder
  private let file: String

  init(in folder: String) throws {
    self.folder = try FuzzFolder(folder)
    file = self.folder.file("message")
  }

  func seeds() throws -> [[UInt8]] {
    try folder.hold([("texts.tsv", Array("sentence\tlabel\na\t1\n".utf8))])
    let environment = RunEnvironment(
      device: "cpu", threads: 2, precision: .fp32, version: "0.1.0", libraries: ["built-in"])
    let news: [WorkerNews] = [
      .ready(environment, note: "a note"), .done, .failed("why"), .stopped, .fault("why"),
      .progressed(StageProgress(fraction: 0.5, epoch: 1, epochCount: 2, loss: 0.25, tokens: 9)),
      .refused(WorkerRefusal("why", exitCode: 2)),
    ]
    let orders = try stages().map {
      StageOrder(stage: $0, store: "store", earlierFault: "why").json
    }
    return (orders + news.map(\.json)).map { $0.serialized() }
  }

  /// One stage of every kind that attacks and defences need.
  private func stages() throws -> [Stage] {
    var graph = StageGraph()
    let directory = Path.join(packageRoot, "Tests/Fixtures/models/bert")
    let model = try graph.model(directory)
    var source = TextSource(folder.file("texts.tsv"))
    source.labels = ["bad", "good"]
    let texts = try graph.texts(source, as: "train")
    let settings = TrainingSettings()
    // Attacks that need paraphrases have none here.
    for attack in KnownAttacks.all where (try? attack.sources(for: .training)) != nil {
      let material = AttackMaterial(train: texts, validation: nil, training: settings)
      let last = try attack.stages(from: model, with: material, in: &graph)
      _ = graph.add(TriggerStage(attack, seed: 1), texts.named("test"))
      _ = last
    }
    let parts = source.split(validationFraction: 0.5, seed: 7)
    let material = DefenseMaterial(
      train: texts, validation: try graph.texts(parts.validation, as: "validation"),
      training: settings, cleanModel: directory)
    for defense in KnownDefenses.all {
      _ = try defense.stages(from: model, with: material, in: &graph)
    }
    return graph.stages
  }

  func read(_ bytes: [UInt8]) throws {
    let node = JSONNode(try JSONValue(parsing: bytes, file: file), file: file)
    if node.value["news"] != nil {
      try requireSame(node) { node in try WorkerNews(node).json }
    } else {
      try requireSame(node) { node in try StageOrder(node).json }
    }
  }

  private func requireSame(_ node: JSONNode, _ read: (JSONNode) throws -> JSONValue) throws {
    let json = try read(node)
    claim(try read(JSONNode(json, file: file)) == json, "is another message when written and read")
  }
}
