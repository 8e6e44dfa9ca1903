/// How far a run has come, for a progress display.
public struct TrainingProgress: Sendable {
  /// Steps done, of the whole run.
  public let step: Int
  /// Steps of the whole run, or the most of them where a measured quantity ends it.
  public let stepCount: Int
  /// Epoch under way, from 1.
  public let epoch: Int
  /// Epochs of the whole run, or the most of them.
  public let epochCount: Int
  /// Mean loss of the epoch so far.
  public let loss: Double
  /// Tokens trained on since the run began in this process.
  public let tokens: Int
}
