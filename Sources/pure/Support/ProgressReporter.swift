import Laboratory
import Training

#if canImport(Glibc)
  import Glibc
#endif

/// Shows one piece of work after another on standard error: a bar on a terminal, a line now and then elsewhere.
final class ProgressReporter {
  private var display: ProgressDisplay
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var stepStart = 0.0
  private let stepCount: Int
  private var stepNumber = 0

  /// - Parameter stepCount: pieces of work to come.
  init(stepCount: Int) {
    start = clock.now
    self.stepCount = stepCount
    display = ProgressDisplay(
      ProgressDisplay.Style(
        isTerminal: isatty(STDERR_FILENO) == 1, environment: Environment.variables),
      width: Self.terminalWidth)
  }

  private var now: Double { (clock.now - start) / .seconds(1) }

  /// A piece of work begins; the one before it is done.
  func begin(_ title: String) {
    end()
    stepNumber += 1
    stepStart = now
    write(display.begin(title, number: stepNumber, count: max(stepNumber, stepCount), at: now))
  }

  func update(_ progress: StageProgress) {
    display.width = Self.terminalWidth
    write(display.update(progress, at: now))
  }

  /// A training step, as a piece of work that trains reports it.
  func update(_ progress: TrainingProgress) {
    update(StageProgress(progress))
  }

  /// Writes a line that stays.
  func message(_ text: String) { write(display.message(text)) }

  /// The piece of work under way, if any, is done.
  func end() {
    guard stepNumber > 0, stepStart >= 0 else { return }
    write(display.end(seconds: now - stepStart))
    stepStart = -1
  }

  private func write(_ text: String) {
    if !text.isEmpty { Console.show(text) }
  }

  private static var terminalWidth: Int {
    if let columns = Environment.variables["COLUMNS"].flatMap(Int.init), columns > 0 {
      return columns
    }
    var size = winsize()
    let status = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
    return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}

extension StageProgress {
  init(_ progress: TrainingProgress) {
    self.init(
      fraction: Double(progress.step) / Double(progress.stepCount), epoch: progress.epoch,
      epochCount: progress.epochCount, loss: progress.loss, tokens: progress.tokens)
  }
}
