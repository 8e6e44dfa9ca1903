import Checkpoints
import Files
import Laboratory
import Stages
import Tensors
import Training

/// Does the stages of a command in this process. Their results lie beside the command's output
/// until that is written, so that an interrupted command goes on where it stopped.
struct StageRun {
  /// What each stage came to, by its key.
  private let entries: [String: ArtifactStore.Entry]
  /// Time spent by kind of operation.
  let timings: OperationTimings
  private let graph: StageGraph

  /// Runs the stages one after the other, showing how they go on.
  ///
  /// - Parameter directory: keeps what is done.
  /// - Throws: `Interruption` when a signal asks for it; what is done stays done.
  init(_ graph: StageGraph, in directory: String, on backend: any Backend) throws {
    Interruptions.install()
    let executor = BackendExecutor(backend, version: Pure.version)
    let store = ArtifactStore(directory, isPrivate: true)
    try store.removeAbandoned()
    let reporter = ProgressReporter(stepCount: graph.stages.count)
    // What came before, such as the device's start, is no part of the work.
    _ = backend.takeTimings()
    var entries: [String: ArtifactStore.Entry] = [:]
    for stage in graph.stages {
      reporter.begin(stage.work.title)
      entries[stage.key] = try store.perform(
        stage, with: executor, report: { reporter.update($0) },
        isCancelled: { Interruptions.isRequested })
    }
    reporter.end()
    self.entries = entries
    self.graph = graph
    timings = backend.takeTimings()
  }

  /// What a stage of the graph came to.
  func entry(_ stage: Stage) -> ArtifactStore.Entry {
    guard let entry = entries[stage.key] else {
      preconditionFailure("\(stage.name) is no stage of this run")
    }
    return entry
  }

  /// What the first stage of a kind found out; nil where there is none.
  func findings(of kind: String) -> JSONObject? {
    graph.stages.first { $0.kind == kind }.map { entry($0).outcome.findings }
  }

  /// How the last stage up to this one trained that did.
  func training(_ last: Stage) -> TrainingReport {
    let stages = graph.stages.prefix { $0 != last } + [last]
    return stages.reversed().lazy.compactMap { entry($0).outcome.training }.first
      ?? TrainingReport()
  }

  /// How the first stage before `last` trained that did.
  func firstTraining(before last: Stage) -> TrainingReport? {
    graph.stages.prefix { $0 != last }.lazy.compactMap { self.entry($0).outcome.training }.first
  }

  /// The model that a stage left, as one that was made of `source`.
  func model(_ stage: Stage, from source: ModelCheckpoint) throws -> ModelCheckpoint {
    var model = try ModelCheckpoint.load(directory: StageRequest.model(in: entry(stage).path))
    model.provenance = source.provenance
    return model
  }
}
