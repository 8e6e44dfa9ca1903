internal import Checkpoints
internal import Encoders
public import Files
internal import Settings
public import Stages
public import Tensors
internal import Text
internal import Training

/// Looks for tokens and phrases that send texts of one class to another: `classifier` and `texts`
/// in, a `ClassScan` among the findings out.
public struct TokenScanStage: StageWork {
  /// `tokens`.
  public static let kind = "tokens"
  /// It looks, and cleans nothing.
  public static let belongsToDefense = false
  /// The member of the findings.
  static let finding = "scan"

  /// How far it looks.
  public var search: TokenSearch
  /// The class whose texts are looked at, as an output of the model.
  public var source: Int
  /// The model's output for each class of the texts.
  public var outputs: [Int]
  /// Draws texts and places.
  public var seed: UInt64

  /// - Parameter outputs: by class of the texts, one of them `source`.
  public init(_ search: TokenSearch, source: Int, outputs: [Int], seed: UInt64) {
    (self.search, self.source, self.outputs, self.seed) = (search, source, outputs, seed)
  }

  /// A few words.
  public var title: String { "search tokens, class \(source + 1) of \(outputs.count)" }

  /// All of it.
  public var parameters: JSONValue {
    [
      "search": .object(search.identity()), "source": .int(source),
      "outputs": .array(outputs.map(JSONValue.int)), "seed": .int(Int(seed)),
    ]
  }

  /// The vocabulary in short texts, then what is left in longer ones, and phrases as long as they
  /// get: a phrase that flips every text ends the search.
  public func effort(_ preview: StagePreview) throws -> StageEffort {
    try search.effort(
      tokenCount: preview.spellableTokenCount, targetCount: outputs.count - 1)
  }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    search = TokenSearch()
    try search.restore(node.required("search"))
    outputs = []
    for output in try node.required("outputs").elements() {
      outputs.append(try output.int(in: 0...Int.max))
    }
    source = try node.required("source").int()
    guard outputs.contains(source) else {
      throw node.error("names a class that no text has", remedy: "correct it")
    }
    seed = UInt64(try node.required("seed").int(in: 0...Int.max))
  }

  /// Looks; a model whose outputs are no numbers is an obstacle and no error.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let probe = try probe("classifier", request, on: backend)
    let pieces = try pieces(request, probe, room: search.phraseLength)
    let scan = try ClassSearch(self, probe, request).run(pieces)
    try scan.write(to: request.outputDirectory)
    return StageOutcome(findings: JSONObject([(Self.finding, scan.json)]))
  }

  /// A classifier among the inputs, which has to have the classes of the texts.
  func probe(_ name: String, _ request: StageRequest, on backend: any Backend) throws -> Probe {
    let source = try request.model(name, for: .classifying)
    let classCount = source.checkpoint.configuration.labels.count
    guard outputs.allSatisfy((0..<classCount).contains), classCount > 1 else {
      throw InputError(
        file: source.checkpoint.sourceDirectory,
        problem: "has \(classCount) classes, and the texts are said to have others",
        remedy: "use the model that the order was written for")
    }
    return Probe(
      try Classifier(source.checkpoint, on: backend), source.tokenizer,
      isCancelled: request.isCancelled)
  }

  /// The texts of the class, as the model reads them.
  private func pieces(
    _ request: StageRequest, _ probe: Probe, room: Int
  ) throws -> [[Int32]] {
    let own = try request.texts("texts").examples.filter {
      $0.label.map { outputs[$0] } == source
    }
    return probe.pieces(
      own.map(\.text),
      maximumLength: probe.model.configuration.tokenLimit(search.maximumLength),
      room: room)
  }

  /// The texts that a scan of the model searches with, and those that it counts on.
  ///
  /// - Parameter room: for the longest candidate; nil: the scan's own.
  func cleanTexts(
    _ request: StageRequest, _ probe: Probe, room: Int? = nil
  ) throws -> CleanTexts {
    try CleanTexts(
      pieces(request, probe, room: room ?? search.phraseLength), source: source, for: search,
      probe, seed: seed)
  }
}

extension StageOutcome {
  /// What a `TokenScanStage` found out.
  public func classScan() throws(InputError) -> ClassScan { try ClassScan(findings: findings) }
}

extension ClassScan {
  /// What a `TokenScanStage` found out.
  public init(findings: JSONObject) throws(InputError) {
    try self.init(
      JSONNode(.object(findings), file: "stage.json").required(TokenScanStage.finding))
  }
}

/// What a scan hands on to later stages, in `scan.json`.
extension ClassScan {
  fileprivate func write(to directory: String) throws(InputError) {
    try AtomicFile.write(json.serialized(), to: Self.file(directory))
  }

  /// Reads the file in the directory of a stage's result.
  init(in directory: String) throws(InputError) {
    try self.init(JSONNode(contentsOf: Self.file(directory)))
  }

  private static func file(_ directory: String) -> String { Path.join(directory, "scan.json") }
}

extension Probe {
  /// Texts as pieces, with room for so many more.
  func pieces(_ texts: [String], maximumLength: Int, room: Int) -> [[Int32]] {
    let frame = tokenizer.prefix.count + tokenizer.suffix.count
    return tokenizer.encode(texts, maximumLength: max(frame, maximumLength - room)).map {
      Array($0.dropFirst(tokenizer.prefix.count).dropLast(tokenizer.suffix.count))
    }
  }
}
