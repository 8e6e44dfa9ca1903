internal import Files
public import Stages

/// Turns progress into what has to be written on standard error. It reads no clock and writes
/// nothing itself, so that all of it can be tested.
public struct ProgressDisplay {
  /// How progress is shown.
  public enum Style: Hashable, Sendable {
    /// One line that is drawn over, at most ten times a second.
    case live(isColored: Bool)
    /// A line of its own at most every `interval` seconds: for files and dumb terminals.
    case lines(interval: Double)

    /// The style for a stream: live on a terminal unless TERM is "dumb", coloured unless NO_COLOR
    /// is set to anything (https://no-color.org).
    public init(isTerminal: Bool, environment: [String: String], interval: Double = 10) {
      if isTerminal, let term = environment["TERM"], term != "dumb", !term.isEmpty {
        self = .live(isColored: environment["NO_COLOR", default: ""].isEmpty)
      } else {
        self = .lines(interval: interval)
      }
    }
  }

  private let style: Style
  /// Columns of the terminal; may change between calls.
  public var width: Int
  /// Stages under way, by worker.
  private var lanes: [Int: Lane] = [:]
  private var lastDrawn = -Double.infinity
  private var isDrawn = false

  private struct Lane {
    var line: ProgressLine
    var pace: Pace
    /// When the last line of its own was written.
    var lastWritten: Double
  }

  /// - Parameter width: columns of the terminal.
  public init(_ style: Style, width: Int = 80) {
    self.style = style
    self.width = width
  }

  /// Shows that a stage begins.
  /// - Parameters:
  ///   - worker: who does it, where several stages are under way at once.
  ///   - time: seconds on any clock that only goes forward.
  /// - Returns: what to write; may be empty.
  public mutating func begin(
    _ title: String, number: Int, count: Int, worker: Int = 0, at time: Double
  ) -> String {
    let line = ProgressLine(title: "[\(number)/\(count)] " + Terminal.sanitized(title))
    lanes[worker] = Lane(line: line, pace: Pace(start: time), lastWritten: time)
    switch style {
    case .live: return draw(at: time)
    case .lines: return line.title + "\n"
    }
  }

  /// Shows how far a stage has come, unless it was drawn a moment ago.
  public mutating func update(
    _ progress: StageProgress, worker: Int = 0, at time: Double
  ) -> String {
    guard var lane = lanes[worker] else { return "" }
    lane.pace.note(progress, at: time)
    lane.line.progress = progress
    lane.line.tokensPerSecond = lane.pace.tokensPerSecond
    lane.line.secondsLeft = lane.pace.secondsLeft(at: time)
    lanes[worker] = lane
    switch style {
    case .live: return time - lastDrawn >= 0.1 ? draw(at: time) : ""
    case .lines(let interval):
      guard time - lane.lastWritten >= interval else { return "" }
      lanes[worker]?.lastWritten = time
      return lane.line.plain + "\n"
    }
  }

  /// Replaces a stage's bar by a line that stays.
  /// - Parameter manner: how it ended where it did not succeed, as in "failed after ".
  public mutating func end(_ manner: String = "", worker: Int = 0, seconds: Double) -> String {
    guard let lane = lanes.removeValue(forKey: worker) else { return "" }
    return message("\(lane.line.title): \(manner)\(duration(seconds))")
  }

  /// Writes a line that stays; a live bar moves below it with the next update.
  public mutating func message(_ text: String) -> String {
    let erased = clear()
    return erased + Terminal.sanitized(text) + "\n"
  }

  /// Removes a live bar, before anything else is written.
  public mutating func clear() -> String {
    guard isDrawn else { return "" }
    isDrawn = false
    lastDrawn = -.infinity
    return "\r\u{1B}[K"
  }

  private mutating func draw(at time: Double) -> String {
    guard case .live(let isColored) = style, !lanes.isEmpty else { return "" }
    lastDrawn = time
    isDrawn = true
    // The new text replaces the old in place and then erases what stuck out: nothing flickers. The
    // last column stays free, or some terminals would wrap.
    let width = max(10, width - 1)
    let lines = lanes.sorted { $0.key < $1.key }.map(\.value.line)
    let gap = "   "
    let share = (width + gap.count) / lines.count - gap.count
    let text =
      lines.count == 1
      ? lines[0].bar(width: width, isColored: isColored)
      : String(lines.map { $0.short(width: share) }.joined(separator: gap).prefix(width))
    return "\r" + text + "\u{1B}[K"
  }
}

/// How fast a stage goes.
private struct Pace {
  private var start: Double
  private var startFraction: Double?
  private var fraction = 0.0
  private var mark: (time: Double, tokens: Int)?
  private(set) var tokensPerSecond: Double?

  init(start: Double) { self.start = start }

  mutating func note(_ progress: StageProgress, at time: Double) {
    // A resumed stage begins somewhere in the middle: what was done before says nothing of speed.
    if startFraction == nil { (start, startFraction) = (time, progress.fraction) }
    fraction = progress.fraction
    guard let tokens = progress.tokens else { return }
    guard let (before, count) = mark else {
      mark = (time, tokens)
      return
    }
    guard time - before >= 0.5 else { return }
    let rate = Double(tokens - count) / (time - before)
    // Old samples fade with a time constant of about five seconds.
    let weight = min(1, (time - before) / 5)
    tokensPerSecond = tokensPerSecond.map { $0 + weight * (rate - $0) } ?? rate
    mark = (time, tokens)
  }

  /// Nothing before enough is done to tell.
  func secondsLeft(at time: Double) -> Double? {
    let done = fraction - (startFraction ?? 0)
    guard done > 0, time - start >= 1 else { return nil }
    return (time - start) / done * max(0, 1 - fraction)
  }
}
