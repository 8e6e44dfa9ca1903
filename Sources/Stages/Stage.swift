public import Files
public import Tensors
public import Text

/// A piece of work whose result is worth keeping: what to do, and with what.
///
/// Its key is the hash of everything that the result depends on, so two cells that need the same
/// poisoned model share one stage, and PURE's first step is the FT baseline. As JSON it says all
/// that a worker needs to know.
public struct Stage: Sendable {
  /// Where an input comes from.
  public enum Source: Hashable, Sendable {
    /// A model directory of the user with the hash of its content.
    case model(String, hash: String)
    /// Texts of the user with the hash of their content.
    case texts(TextSource, hash: String)
    /// The result of another stage, by its key and the name of its artifact.
    case stage(key: String, artifact: String)

    /// The file or directory.
    ///
    /// - Parameter store: the folder with the results of stages.
    public func path(in store: String) -> String {
      switch self {
      case .model(let path, _): path
      case .texts(let texts, _): texts.path
      case .stage(_, let artifact): Path.join(store, artifact)
      }
    }

    fileprivate var identity: String {
      switch self {
      case .model(_, let hash), .texts(_, let hash): "content:" + hash
      case .stage(let key, _): "stage:" + key
      }
    }
  }

  /// One input.
  public struct Input: Hashable, Sendable {
    /// What it is to the stage: `model`, `train`, `classifier`, …
    public let name: String
    /// Where it comes from.
    public let source: Source

    /// The same under another name.
    public func named(_ name: String) -> Input { Input(name: name, source: source) }
  }

  /// Raised when a stage of the same parameters comes to mean something else, so that artifacts
  /// of earlier versions are not taken for its result.
  public static let formatVersion = 3

  /// What is done.
  public let work: any StageWork
  /// With what it is done.
  public let inputs: [Input]
  /// How it computes; work on texts alone has none.
  public let precision: Precision?
  /// SHA-256 of `identity` in canonical JSON, 64 hexadecimal digits.
  public let key: String

  /// A stage with its key.
  public init(_ work: any StageWork, _ inputs: [Input], precision: Precision = .fp32) {
    self.work = work
    self.inputs = inputs
    self.precision = type(of: work).computes ? precision : nil
    key = SHA256.hex(of: Self.identity(work, inputs, self.precision).serialized(.canonical))
  }

  /// Everything that the result depends on; paths do not count, contents do.
  public var identity: JSONValue { Self.identity(work, inputs, precision) }

  /// The kind of its work.
  public var kind: String { type(of: work).kind }

  /// The name of its artifact, for example `finetune-0123456789abcdef`.
  public var name: String { "\(kind)-\(key.prefix(16))" }

  /// The result as an input of another stage.
  public func output(as name: String) -> Input {
    Input(name: name, source: .stage(key: key, artifact: self.name))
  }

  /// fp32 is not named: stages of before there was a choice were done in it.
  private static func identity(
    _ work: any StageWork, _ inputs: [Input], _ precision: Precision?
  ) -> JSONValue {
    var identity = JSONObject([
      ("formatVersion", .int(formatVersion)), ("kind", .string(type(of: work).kind)),
      ("parameters", work.parameters),
      ("inputs", .object(JSONObject(inputs.map { ($0.name, .string($0.source.identity)) }))),
    ])
    if let precision, precision != .fp32 { identity["precision"] = .string(precision.rawValue) }
    return .object(identity)
  }
}

extension Stage: Equatable {
  /// Whether both have one result.
  public static func == (first: Stage, second: Stage) -> Bool { first.key == second.key }
}

extension Stage {
  /// The stage as a document.
  public var json: JSONValue {
    [
      "key": .string(key), "kind": .string(kind), "parameters": work.parameters,
      "inputs": .array(inputs.map(\.json)),
      "precision": .string((precision ?? .fp32).rawValue),
    ]
  }

  /// Reads what `json` wrote.
  ///
  /// - Parameter work: finds the work of a kind and its parameters.
  /// - Throws: `InputError` where it is none, or its key is another: it was written by another
  ///   version.
  public init(
    _ node: JSONNode,
    work: (_ kind: JSONNode, _ parameters: JSONNode) throws(InputError)
      -> any StageWork
  ) throws(InputError) {
    var inputs: [Input] = []
    for node in try node.required("inputs").elements() {
      let input = try Input(node)
      guard !inputs.contains(where: { $0.name == input.name }) else {
        throw node.error("has the name of an input before it", remedy: "remove one")
      }
      inputs.append(input)
    }
    self.init(
      try work(node.required("kind"), node.required("parameters")), inputs,
      precision: try node.required("precision").name())
    let written = try node.required("key")
    guard try written.string() == key else {
      throw written.error(
        "is not that of its stage, \(key)", remedy: "use the version of the program that wrote it")
    }
  }
}

extension Stage.Input {
  fileprivate var json: JSONValue {
    switch source {
    case .model(let path, let hash):
      ["name": .string(name), "model": .string(path), "hash": .string(hash)]
    case .texts(let texts, let hash):
      ["name": .string(name), "texts": texts.json, "hash": .string(hash)]
    case .stage(let key, let artifact):
      ["name": .string(name), "stage": .string(key), "artifact": .string(artifact)]
    }
  }

  fileprivate init(_ node: JSONNode) throws(InputError) {
    name = try node.required("name").string()
    if let key = try node.optional("stage") {
      source = .stage(
        key: try key.string(), artifact: try node.required("artifact").identifier())
    } else if let texts = try node.optional("texts") {
      source = .texts(try TextSource(texts), hash: try node.required("hash").string())
    } else {
      source = .model(
        try node.required("model").string(), hash: try node.required("hash").string())
    }
  }
}
