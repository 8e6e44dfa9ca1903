internal import Stages

/// What a progress display says at one moment, as text of a given width.
struct ProgressLine {
  var title: String
  var progress = StageProgress(fraction: 0)
  var tokensPerSecond: Double?
  var secondsLeft: Double?

  /// Share, epoch, loss, speed and time left, as far as they are known; the first ones matter most.
  private var fields: [String] {
    var fields = ["\(Int(progress.fraction * 100)) %"]
    if let secondsLeft { fields.append(duration(secondsLeft) + " left") }
    if let epoch = progress.epoch {
      fields.append("epoch \(epoch)" + (progress.epochCount.map { "/\($0)" } ?? ""))
    }
    if let loss = progress.loss { fields.append("loss " + fixed(loss, 3)) }
    if let tokensPerSecond { fields.append(Self.rate(tokensPerSecond) + " tokens/s") }
    return fields
  }

  /// For files: the fields after the title.
  var plain: String { title + ": " + fields.joined(separator: ", ") }

  /// For terminals, beside others: title, share and time left. Where `width` columns are too few,
  /// the title is cut.
  func short(width: Int) -> String {
    let fields = fields.prefix(secondsLeft == nil ? 1 : 2).joined(separator: ", ")
    let room = max(1, width - fields.count - 1)
    return (title.count <= room ? title : title.prefix(room - 1) + "…") + " " + fields
  }

  /// For terminals: title, bar and as many fields as fit into `width` columns.
  func bar(width: Int, isColored: Bool) -> String {
    let shortest = 10
    var fields = fields
    func length(_ fields: [String]) -> Int {
      title.count + 2 + fields.reduce(0) { $0 + $1.count + 2 }
    }
    while fields.count > 1, length(fields) + shortest > width { fields.removeLast() }
    let tail = fields.joined(separator: "  ")
    let room = width - length(fields)
    guard room >= shortest else { return String((title + "  " + tail).prefix(width)) }
    let cells = min(40, room)
    let filled = Int((progress.fraction * Double(cells)).rounded())
    let done = String(repeating: "━", count: filled)
    let rest = String(repeating: "─", count: cells - filled)
    let bar = isColored ? "\u{1B}[36m\(done)\u{1B}[0m\u{1B}[2m\(rest)\u{1B}[0m" : done + rest
    return "\(title)  \(bar)  \(tail)"
  }

  private static func rate(_ value: Double) -> String {
    value < 10_000 ? fixed(value, 0) : fixed(value / 1000, 1) + "k"
  }
}
