public import Files
public import Stages
internal import Training

/// Results of stages, each in a directory that is named after the hash of all that went into it.
///
///     DIR/store/finetune-0123456789abcdef/          the files of a finished stage
///     DIR/store/finetune-0123456789abcdef/stage.json  what it was, how long it took, what it found,
///                                                     and the hashes of those files
///     DIR/store/.work-fedcba9876543210/             checkpoints of a stage that is under way
public struct ArtifactStore: Sendable {
  /// What is kept about a finished stage.
  public struct Entry: Sendable, Equatable {
    /// Where its files are.
    public let path: String
    /// What it found out.
    public let outcome: StageOutcome
    /// Wall time of the run that finished it.
    public let seconds: Double
    /// Where it was run.
    public let environment: RunEnvironment
    /// Why an earlier attempt ended with its worker; nil: there was none.
    public let earlierFault: String?
  }

  /// The folder of all artifacts.
  public let directory: String

  /// Whether nobody else reads it, now or later.
  private let isPrivate: Bool

  /// A store; nothing is created before there is something to keep.
  ///
  /// - Parameter isPrivate: it is one run's alone. Files of the user that change while a stage
  ///   works with what it has read are then no reason to throw its result away.
  public init(_ directory: String, isPrivate: Bool = false) {
    self.directory = directory
    self.isPrivate = isPrivate
  }

  /// The store of a sweep's folder.
  public init(of sweep: String) { self.init(Path.join(sweep, "store")) }

  /// The result of a stage, or nothing when it has not been finished.
  /// - Throws: `InputError` when the artifact is damaged or belongs to another stage.
  public func entry(for stage: Stage) throws(InputError) -> Entry? {
    let path = path(of: stage)
    let file = Path.join(path, Self.note)
    guard Path.isFile(file) else { return nil }
    let node = try JSONNode(contentsOf: file)
    try ArtifactSeal.requireNote(node, in: path)
    guard try node.required("key").string() == stage.key else {
      throw node.error(
        "belongs to another stage whose key begins alike", remedy: "use another output folder")
    }
    return Entry(
      path: path, outcome: try StageOutcome(node.required("outcome")),
      seconds: try node.required("seconds").double(),
      environment: try RunEnvironment(node.required("environment")),
      earlierFault: try node.optional("earlierFault")?.string())
  }

  /// Runs a stage and keeps its result; what fails or is interrupted leaves no artifact behind.
  /// While another process runs the same stage this one waits, and takes its result or, if it ends
  /// without one, its place.
  ///
  /// - Parameter earlierFault: why an earlier attempt ended with its worker, to be kept with the
  ///   result.
  public func perform(
    _ stage: Stage, with executor: any StageExecutor, earlierFault: String? = nil,
    report: @escaping (StageProgress) -> Void,
    isCancelled: @escaping () -> Bool
  ) throws -> Entry {
    try requireInputs(of: stage)
    let work = Path.join(directory, Self.workPrefix + stage.key.prefix(16))
    while !isCancelled() {
      try Path.makeDirectory(work)
      guard let lock = try DirectoryLock(work) else {
        DirectoryLock.pause()
        continue
      }
      return try withExtendedLifetime(lock) {
        if let entry = try entry(for: stage) {
          try requireWhole(entry.path)
          try Path.remove(work)
          return entry
        }
        return try performAlone(
          stage, with: executor, earlierFault: earlierFault, work: work, report: report,
          isCancelled: isCancelled)
      }
    }
    throw Interruption()
  }

  private func performAlone(
    _ stage: Stage, with executor: any StageExecutor, earlierFault: String?, work: String,
    report: @escaping (StageProgress) -> Void, isCancelled: @escaping () -> Bool
  ) throws -> Entry {
    try requireUnchangedFiles(of: stage)
    let output = try AtomicDirectory(path(of: stage))
    let clock = ContinuousClock()
    let start = clock.now
    let outcome = try executor.perform(
      StageRequest(
        stage: stage, store: directory, outputDirectory: output.partialPath, workDirectory: work,
        report: report, isCancelled: isCancelled))
    let seconds = (clock.now - start) / .seconds(1)
    do {
      if !isPrivate { try requireUnchangedFiles(of: stage) }
    } catch {
      // What was saved on the way is of the other contents too.
      try Path.remove(work)
      throw error
    }
    let environment = executor.environment
    let note = try ArtifactSeal.sealed(
      JSONObject([
        ("key", .string(stage.key)), ("identity", stage.identity),
        ("seconds", .measured(seconds)), ("environment", environment.json),
        ("outcome", outcome.json), ("earlierFault", earlierFault.map(JSONValue.string) ?? .null),
      ]), of: output.partialPath)
    try output.write(note.serialized(.pretty), as: Self.note)
    do {
      try output.commit()
    } catch {
      // Where there are no locks another sweep may have finished the same stage; its result is as
      // good.
      guard let entry = try entry(for: stage) else { throw error }
      return entry
    }
    try Path.remove(work)
    return Entry(
      path: output.path, outcome: outcome, seconds: seconds, environment: environment,
      earlierFault: earlierFault)
  }

  /// The key was made of what the user's files held when the work began: other contents belong to
  /// another stage.
  private func requireUnchangedFiles(of stage: Stage) throws(InputError) {
    let hasher = ContentHasher()
    for input in stage.inputs where try !hasher.holds(input) {
      throw InputError(
        file: input.source.path(in: directory), problem: "has changed since the work began",
        remedy: "run the same command again")
    }
  }

  /// Removes what killed processes left: half-written artifacts, and checkpoints of stages that
  /// were finished.
  public func removeAbandoned() throws(InputError) {
    try PartialFiles.removeAbandoned(in: directory)
    let names = try Path.names(in: directory)
    for name in names where name.hasPrefix(Self.workPrefix) {
      let end = "-" + name.dropFirst(Self.workPrefix.count)
      if names.contains(where: { !$0.hasPrefix(".") && $0.hasSuffix(end) }) {
        try Path.remove(Path.join(directory, name))
      }
    }
  }

  private static let workPrefix = ".work-"

  private func requireInputs(of stage: Stage) throws(InputError) {
    for input in stage.inputs {
      guard case .stage(_, let artifact) = input.source else { continue }
      let path = Path.join(directory, artifact)
      guard Path.isFile(Path.join(path, Self.note)) else {
        throw InputError(
          file: path, problem: "is no result of a stage, as its input \(input.name) must be",
          remedy: "run the same command again")
      }
      try requireWhole(path)
    }
  }

  private func requireWhole(_ artifact: String) throws(InputError) {
    let note = try JSONNode(contentsOf: Path.join(artifact, Self.note))
    try ArtifactSeal.requireNote(note, in: artifact)
    try ArtifactSeal.requireFiles(note, in: artifact)
  }

  private static let note = "stage.json"

  private func path(of stage: Stage) -> String { Path.join(directory, stage.name) }
}
