public import Stages

/// Those who do a sweep's stages: processes of their own, or in tests whatever stands for them.
/// Each does one stage at a time; the sweep decides which.
public protocol StageWorkers: AnyObject {
  /// How many there are; they are named by their number, from 0.
  var count: Int { get }
  /// Where the last stage was run, for the record of a cell that failed.
  var environment: RunEnvironment { get }

  /// Begins a stage on a worker that is not busy; one that is gone is started afresh first.
  ///
  /// - Parameter request: the stage, all of whose inputs are in the store.
  func begin(_ request: StageOrder, on worker: Int)

  /// Waits a moment for news, until when a caller may have other things to ask for.
  func next() -> (worker: Int, news: WorkerNews)?

  /// Asks all to stop at the next clean place; each that is busy says so with its last news.
  func stop()
}

/// A stage that a worker is asked to do.
public struct StageOrder: Sendable, Equatable {
  /// The stage.
  public let stage: Stage
  /// The directory of the store for its result, where the results of stages before it are.
  public let store: String
  /// Why an earlier attempt ended with its worker, to be kept with the result.
  public let earlierFault: String?

  /// An order for a stage all of whose inputs are in the store.
  public init(stage: Stage, store: String, earlierFault: String?) {
    self.stage = stage
    self.store = store
    self.earlierFault = earlierFault
  }
}

/// What a worker says. All but the first two end its stage, and the last two the worker.
public enum WorkerNews: Sendable, Equatable {
  /// It has its device; `note` is for the user.
  case ready(RunEnvironment, note: String?)
  /// The stage goes on.
  case progressed(StageProgress)
  /// The result is in the store.
  case done
  /// The stage cannot be done; this is why. Another attempt would end alike.
  case failed(String)
  /// It was asked to stop, and did.
  case stopped
  /// The worker or its device failed. Another worker may have more luck.
  case fault(String)
  /// The worker cannot work at all, nor can another one on the same device.
  case refused(WorkerRefusal)
}

/// Why a worker cannot work: its device is not there, or not what was asked for.
public struct WorkerRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence.
  public let description: String
  /// The exit code that the command answers with.
  public let exitCode: Int

  /// A sentence and the command's answer.
  public init(_ description: String, exitCode: Int) {
    self.description = description
    self.exitCode = exitCode
  }
}
