import Checkpoints
import Defenses
import Files
import Laboratory
import Stages
import Tensors
import Training

/// The finished stages of a graph.
struct GraphRun {
  /// In the order of the graph.
  let entries: [(stage: Stage, entry: ArtifactStore.Entry)]

  /// What a stage came to.
  func entry(_ stage: Stage) throws -> ArtifactStore.Entry {
    guard let found = entries.first(where: { $0.stage == stage }) else {
      throw InputError(problem: "\(stage.name) has not been run")
    }
    return found.entry
  }
}

extension StageGraph {
  /// Runs every stage after those that it needs.
  func run(
    in store: String, onStage: (String) -> Void = { _ in },
    report: @escaping (StageProgress) -> Void = { _ in },
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> GraphRun {
    let executor = BackendExecutor(CPUBackend.shared, version: "test")
    let artifacts = ArtifactStore(store)
    return GraphRun(
      entries: try stages.map { stage in
        onStage(stage.work.title)
        return (
          stage,
          try artifacts.perform(stage, with: executor, report: report, isCancelled: isCancelled)
        )
      })
  }
}

/// What a defence came to.
struct Cleaning {
  /// The directory of the classifier.
  let directory: String
  /// What is in it.
  let classifier: ModelCheckpoint
  /// The titles of the stages.
  let titles: [String]
  /// What the first stage came to.
  let first: StageOutcome
  /// What the stage came to that looked at heads.
  let heads: StageOutcome?
  /// What the last stage came to.
  let last: StageOutcome

  init(_ run: GraphRun, _ stages: DefenseStages) throws {
    let final = try run.entry(stages.classifier)
    directory = StageRequest.model(in: final.path)
    classifier = try ModelCheckpoint.load(directory: directory)
    titles = run.entries.map(\.stage.work.title)
    first = run.entries[0].entry.outcome
    heads = try stages.heads.map { try run.entry($0).outcome }
    last = final.outcome
  }

  /// Every parameter, bit by bit.
  var bits: [String: [UInt32]] { classifier.parameters.mapValues(\.bits) }
}

extension HostTensor {
  /// The numbers, bit by bit.
  var bits: [UInt32] { values.map(\.bitPattern) }
}
