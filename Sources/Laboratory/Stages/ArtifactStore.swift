public import Files
public import Stages
internal import Training

/// Results of stages, each in a directory that is named after the hash of all that went into it.
///
///     DIR/store/finetune-0123456789abcdef/          the files of a finished stage
///     DIR/store/finetune-0123456789abcdef/stage.json  what it was, how long it took, what it
///     found,
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
  /// - Parameter isPrivate: it is one run's alone, and goes with it. Files of the user that change
  ///   after a stage has read them are then no reason to throw its result away.
  public init(_ directory: String, isPrivate: Bool = false) {
    self.directory = directory
    self.isPrivate = isPrivate
  }

  /// The store of a sweep's folder.
  public init(of sweep: String) { self.init(Path.join(sweep, "store")) }

  /// The result of a stage, or nothing when it has not been finished: a crash may have left one
  /// whose note is missing or cut off.
  /// - Throws: `InputError` when the artifact is damaged or belongs to another stage.
  public func entry(for stage: Stage) throws(InputError) -> Entry? {
    let path = path(of: stage)
    let file = Path.join(path, Self.note)
    guard Path.isFile(file) else { return nil }
    let bytes = try ByteFile.contents(of: file, limit: Self.largestNote)
    if JSONValue.isCutOff(bytes) || bytes.allSatisfy({ $0 == 0 }) { return nil }
    let node = JSONNode(try JSONValue(parsing: bytes, file: file), file: file)
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
    try Path.makeDirectory(directory)
    while !isCancelled() {
      guard let place = try Place(ifFree: path(of: stage), isCancelled: isCancelled) else {
        Place.pause()
        continue
      }
      if let entry = try entry(for: stage) {
        try requireWhole(entry.path)
        try removeWork(of: stage)
        return entry
      }
      return try performAlone(
        stage, at: place, with: executor, earlierFault: earlierFault, report: report,
        isCancelled: isCancelled)
    }
    throw Interruption()
  }

  private func performAlone(
    _ stage: Stage, at place: Place, with executor: any StageExecutor, earlierFault: String?,
    report: @escaping (StageProgress) -> Void, isCancelled: @escaping () -> Bool
  ) throws -> Entry {
    // What is there is no result.
    if Path.exists(path(of: stage)) { try Path.remove(path(of: stage)) }
    let output = try AtomicDirectory(path(of: stage))
    let work = workDirectory(of: stage)
    try Path.makeDirectory(work)
    let clock = ContinuousClock()
    let start = clock.now
    let outcome = try executor.perform(
      StageRequest(
        stage: stage, store: directory, outputDirectory: output.partialPath,
        workDirectory: work, report: report, isCancelled: isCancelled))
    let seconds = (clock.now - start) / .seconds(1)
    do {
      if !isPrivate { for input in stage.inputs { try input.requireUnchanged(in: directory) } }
    } catch {
      // What was saved on the way may be of the other contents too.
      try removeWork(of: stage)
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
      try place.requireHeld()
      try output.commit()
    } catch {
      // Somebody else may have finished the same stage; that result is as good.
      guard let entry = try entry(for: stage) else { throw error }
      return entry
    }
    try removeWork(of: stage)
    return Entry(
      path: output.path, outcome: outcome, seconds: seconds, environment: environment,
      earlierFault: earlierFault)
  }

  /// Removes what killed processes left: half-written artifacts, and checkpoints of stages that
  /// were finished.
  public func removeAbandoned() throws(InputError) {
    try Place.removeAbandoned(in: directory)
    let names = try Path.names(in: directory)
    let ends = Set(names.filter { !$0.hasPrefix(".") }.compactMap { $0.split(separator: "-").last })
    for name in names where name.hasPrefix(Self.workPrefix) {
      if ends.contains(name.dropFirst(Self.workPrefix.count)) {
        try Path.remove(Path.join(directory, name))
      }
    }
  }

  /// Where a stage keeps what it goes on from when it was interrupted. One run alone does one stage
  /// at a time, so what it keeps lies beside the artifacts.
  private func workDirectory(of stage: Stage) -> String {
    isPrivate ? directory : Path.join(directory, Self.workPrefix + stage.key.prefix(16))
  }

  private func removeWork(of stage: Stage) throws(InputError) {
    let work = workDirectory(of: stage)
    if !isPrivate, Path.exists(work) { try Path.remove(work) }
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
    let note = try JSONNode(
      contentsOf: Path.join(artifact, Self.note), limit: Self.largestNote)
    try ArtifactSeal.requireNote(note, in: artifact)
    try ArtifactSeal.requireFiles(note, in: artifact)
  }

  private static let note = "stage.json"
  /// It holds what a stop rule has measured, and what a method has found.
  private static let largestNote = 1 << 28

  private func path(of stage: Stage) -> String { Path.join(directory, stage.name) }
}
