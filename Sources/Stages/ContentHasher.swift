internal import Checkpoints
public import Files
public import Text

/// Hashes the user's files, each once.
public final class ContentHasher {
  private var models: [String: String] = [:]
  private var texts: [TextSource: String] = [:]

  /// Knows nothing yet.
  public init() {}

  /// A model directory of the user as an input, see `ModelCheckpoint.contentHash`.
  public func model(_ directory: String, as name: String) throws(InputError) -> Stage.Input {
    if models[directory] == nil {
      models[directory] = try ModelCheckpoint.contentHash(ofDirectory: directory)
    }
    return Stage.Input(name: name, source: .model(directory, hash: models[directory] ?? ""))
  }

  /// Texts of the user as an input, see `TextSource.contentHash`.
  public func texts(_ source: TextSource, as name: String) throws(InputError) -> Stage.Input {
    if texts[source] == nil { texts[source] = try source.contentHash() }
    return Stage.Input(name: name, source: .texts(source, hash: texts[source] ?? ""))
  }

  /// Whether an input still has the content that it was named for.
  public func holds(_ input: Stage.Input) throws(InputError) -> Bool {
    switch input.source {
    case .model(let path, _): try model(path, as: input.name) == input
    case .texts(let source, _): try texts(source, as: input.name) == input
    case .stage: true
    }
  }
}

extension Stage.Input {
  /// Makes sure that a file of the user's holds what the key of its stage was made of: other
  /// contents belong to another stage.
  ///
  /// - Parameter store: the folder with the results of stages.
  /// - Throws: `InputError` that names the file that has changed.
  public func requireUnchanged(in store: String) throws(InputError) {
    guard try !ContentHasher().holds(self) else { return }
    throw InputError(
      file: source.path(in: store), problem: "has changed since the work began",
      remedy: "run the same command again")
  }
}
