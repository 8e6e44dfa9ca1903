import Laboratory
import Stages

#if canImport(Glibc)
  import Glibc
#endif

/// Shows pieces of work, one after the other or side by side, on standard error: a bar on a
/// terminal, a line now and then elsewhere.
final class ProgressReporter {
  private var display: ProgressDisplay
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  /// When the pieces of work under way began, by who does them.
  private var starts: [Int: Double] = [:]
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
    begin(title, number: stepNumber + 1, worker: 0)
  }

  /// A worker begins a piece of work, beside those of other workers.
  func begin(_ title: String, number: Int, worker: Int) {
    stepNumber = max(stepNumber, number)
    starts[worker] = now
    write(
      display.begin(
        title, number: number, count: max(number, stepCount), worker: worker, at: now))
  }

  func update(_ progress: StageProgress, worker: Int = 0) {
    display.width = Self.terminalWidth
    write(display.update(progress, worker: worker, at: now))
  }

  /// Writes a line that stays.
  func message(_ text: String) { write(display.message(text)) }

  /// The piece of work under way, if any, has ended in this manner.
  func end(_ manner: String = "", worker: Int = 0) {
    guard let start = starts.removeValue(forKey: worker) else { return }
    write(display.end(manner, worker: worker, seconds: now - start))
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
