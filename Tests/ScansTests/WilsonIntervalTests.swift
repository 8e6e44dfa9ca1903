import Scans
import Testing

@Suite struct `The interval of a share` {
  /// (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), by Python.
  @Test(arguments: [
    (0, 10, 0, 0.2775327998628892), (10, 10, 0.7224672001371107, 1),
    (7, 64, 0.05400113344416797, 0.20898641326896122),
    (57, 64, 0.7910135867310387, 0.945998866555832),
  ])
  func `is Wilson's`(part: Int, whole: Int, low: Double, high: Double) {
    let interval = Count(part, of: whole).interval
    #expect(abs(interval.lowerBound - low) < 0x1p-48)
    #expect(abs(interval.upperBound - high) < 0x1p-48)
  }

  @Test func `says nothing of nothing`() { #expect(Count(0, of: 0).interval == 0...1) }
}
