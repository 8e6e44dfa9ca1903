import Stages
import Testing

@testable import Laboratory

private func step(_ fraction: Double, tokens: Int? = nil) -> StageProgress {
  StageProgress(fraction: fraction, epoch: 2, epochCount: 3, loss: 0.4126, tokens: tokens)
}

@Test func `the style follows the stream and the environment`() {
  typealias Style = ProgressDisplay.Style
  func style(_ isTerminal: Bool, _ environment: [String: String]) -> Style {
    Style(isTerminal: isTerminal, environment: environment, interval: 7)
  }
  #expect(style(true, ["TERM": "xterm"]) == .live(isColored: true))
  #expect(style(true, ["TERM": "xterm", "NO_COLOR": "1"]) == .live(isColored: false))
  #expect(style(true, ["TERM": "xterm", "NO_COLOR": ""]) == .live(isColored: true))
  #expect(style(true, ["TERM": "dumb"]) == .lines(interval: 7))
  #expect(style(true, [:]) == .lines(interval: 7))
  #expect(style(false, ["TERM": "xterm"]) == .lines(interval: 7))
}

@Test func `a file gets whole lines, no more than one an interval`() {
  var display = ProgressDisplay(.lines(interval: 10))
  var written = display.begin("fine-tune", number: 2, count: 5, at: 0)
  for second in 1...25 {
    written += display.update(step(Double(second) / 100, tokens: 3000 * second), at: Double(second))
  }
  written += display.end(seconds: 25)
  #expect(
    written == """
      [2/5] fine-tune
      [2/5] fine-tune: 10 %, 1 min 30 s left, epoch 2/3, loss 0.413, 3000 tokens/s
      [2/5] fine-tune: 20 %, 1 min 20 s left, epoch 2/3, loss 0.413, 3000 tokens/s
      [2/5] fine-tune: 25 s

      """)
}

@Test func `a live bar is drawn over in place and gone at the end`() {
  var display = ProgressDisplay(.live(isColored: false), width: 100)
  _ = display.begin("score", number: 1, count: 1, at: 0)
  let bar = display.update(step(0.5), at: 0.2)
  #expect(bar.hasPrefix("\r[1/1] score  ━"))
  #expect(bar.hasSuffix("50 %  epoch 2/3  loss 0.413\u{1B}[K"))
  #expect(!bar.contains("\n"))
  #expect(display.update(step(0.6), at: 0.25) == "")
  #expect(display.message("note") == "\r\u{1B}[Knote\n")
  #expect(display.end("failed after ", seconds: 3) == "[1/1] score: failed after 3.0 s\n")
}

@Test(arguments: 10...140)
func `a bar fits the terminal with a column to spare`(width: Int) {
  for fraction in [0, 0.3, 1] {
    var line = ProgressLine(title: "[10/12] fine-tune with norm")
    line.progress = step(fraction)
    line.tokensPerSecond = 123_456
    line.secondsLeft = 4000
    let bar = line.bar(width: width, isColored: false)
    #expect(bar.count <= width)
    // Title 27, the shortest bar 10, five fields of 5, 16, 9, 10 and 15 columns, gaps of 2.
    if width >= 27 + 10 + 55 + 6 * 2 { #expect(bar.hasSuffix("123.5k tokens/s")) }
  }
}

@Test func `stages side by side show how far each is, however narrow the terminal`() {
  var display = ProgressDisplay(.live(isColored: false), width: 80)
  _ = display.begin("fine-tune with norm on cuda:0", number: 10, count: 16, worker: 0, at: 0)
  _ = display.begin("fine-tune with norm on cuda:1", number: 14, count: 16, worker: 1, at: 1)
  _ = display.update(StageProgress(fraction: 0.25), worker: 0, at: 2)
  let text = display.update(StageProgress(fraction: 0.5), worker: 1, at: 3)
  #expect(
    text
      == "\r[10/16] fine-tune with norm on c… 25 %   [14/16] fine-tune with norm on c… 50 %\u{1B}[K"
  )
}

@Test func `a resumed stage's time left counts only what was done since`() {
  var display = ProgressDisplay(.lines(interval: 1))
  _ = display.begin("fine-tune", number: 1, count: 1, at: 100)
  _ = display.update(StageProgress(fraction: 0.5), at: 102)
  // A tenth took 5 s, so the remaining four tenths take 20 s.
  #expect(
    display.update(StageProgress(fraction: 0.6), at: 107)
      == "[1/1] fine-tune: 60 %, 20 s left\n")
}
