public import Files
public import Tensors

/// A piece of work whose result is worth keeping: what to do, and with what.
///
/// Its key is the hash of everything that the result depends on, so two cells that need the same
/// poisoned model share one stage, and PURE's first step is the FT baseline.
public struct Stage: Hashable, Sendable {
  /// What an input is to a stage.
  public enum Role: String, Hashable, Sendable {
    /// A directory with an encoder: the downloaded model, or the output of `.poison`.
    case model
    /// A file of labelled texts.
    case train, validation, test
    /// The output of `.finetune`: an encoder with its classifier.
    case classifier
    /// The output of `.scores`.
    case scores
    /// The output of `.pruning`.
    case pruning
    /// The output of `.trigger`.
    case triggered
  }

  /// Where an input comes from.
  public enum Source: Hashable, Sendable {
    /// A file or directory of the user with the hash of its content.
    case path(String, hash: String)
    /// The output of the stage with that key.
    case stage(key: String)

    fileprivate var identity: String {
      switch self {
      case .path(_, let hash): "content:" + hash
      case .stage(let key): "stage:" + key
      }
    }
  }

  /// One input.
  public struct Input: Hashable, Sendable {
    /// What it is to the stage.
    public let role: Role
    /// Where it comes from.
    public let source: Source
  }

  /// Raised when a stage of the same parameters comes to mean something else, so that artifacts
  /// of earlier versions are not taken for its result.
  public static let formatVersion = 3

  /// What is done.
  public let work: StageWork
  /// With what it is done.
  public let inputs: [Input]
  /// How it computes; work on texts alone has none.
  public let precision: Precision?
  /// SHA-256 of `identity` in canonical JSON, 64 hexadecimal digits.
  public let key: String

  init(_ work: StageWork, _ inputs: [Input?], precision: Precision = .fp32) {
    self.work = work
    self.inputs = inputs.compactMap { $0 }
    self.precision = work.kind == .trigger ? nil : precision
    key = SHA256.hex(
      of: Self.identity(work, self.inputs, self.precision).serialized(.canonical))
  }

  /// Everything that the result depends on; paths do not count, contents do.
  public var identity: JSONValue { Self.identity(work, inputs, precision) }

  /// The name of its artifact, for example `finetune-0123456789abcdef`.
  public var name: String { "\(work.kind.rawValue)-\(key.prefix(16))" }

  /// fp32 is not named: stages of before there was a choice were done in it.
  private static func identity(
    _ work: StageWork, _ inputs: [Input], _ precision: Precision?
  ) -> JSONValue {
    var identity = JSONObject([
      ("formatVersion", .int(formatVersion)), ("kind", .string(work.kind.rawValue)),
      ("parameters", work.parameters),
      (
        "inputs",
        .object(JSONObject(inputs.map { ($0.role.rawValue, .string($0.source.identity)) }))
      ),
    ])
    if let precision, precision != .fp32 { identity["precision"] = .string(precision.rawValue) }
    return .object(identity)
  }
}

extension Stage.Input {
  static func path(_ role: Stage.Role, _ path: String, hash: String) -> Stage.Input {
    Stage.Input(role: role, source: .path(path, hash: hash))
  }

  static func output(_ role: Stage.Role, of stage: Stage) -> Stage.Input {
    Stage.Input(role: role, source: .stage(key: stage.key))
  }
}
