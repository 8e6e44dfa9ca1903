import Conformance
import Encoders
import Files
import Stages
import Tensors
import Testing
import Text
import Training

@testable import Scans

@Suite struct `A probe` {
  @Test func `puts candidates before words and tears none apart`() throws {
    let suspect = try TinySuspect()
    let tokenizer = suspect.source.tokenizer
    let pieces = tokenizer.pieces(of: "a boringly dull film")
    try #require(pieces.contains(where: tokenizer.continuesWord))
    let mark = try #require(tokenizer.id(of: "cf"))
    var generator = SeededGenerator(seed: 3)
    let texts = Set(
      (0..<100).map { _ in
        tokenizer.text(of: Carrier(pieces, tokenizer, &generator).bearing([mark]))
      })
    #expect(
      texts == [
        "cf a boringly dull film", "a cf boringly dull film", "a boringly cf dull film",
        "a boringly dull cf film", "a boringly dull film cf",
      ])
  }

  @Test(arguments: ["bert", "roberta", "distilbert"])
  func `says what each candidate does, as one text after the other says it`(family: String) throws {
    let suspect = try TinySuspect(family)
    let tokenizer = suspect.source.tokenizer
    let carriers = suspect.carriers(5)
    let candidates = Array(tokenizer.spellableIDs.prefix(9)).map { [$0, $0 + 1] } + [[]]
    let responses = try suspect.probe.responses(to: candidates, in: carriers)
    for (candidate, response) in zip(candidates, responses) {
      var (margins, counts) = ([0.0, 0, 0], [0, 0, 0])
      for carrier in carriers {
        let logits = try suspect.probe.logits([carrier.bearing(candidate)])[0].map(Double.init)
        for target in 0..<3 {
          let others = logits.indices.filter { $0 != target }.map { logits[$0] }
          margins[target] += (logits[target] - (others.max() ?? 0)) / 5
        }
        counts[logits.firstIndex(of: logits.max() ?? 0) ?? 0] += 1
      }
      #expect(response.counts == counts)
      // The same sums in another batch may be rounded in another order.
      let bound = Tolerance.relativeError(terms: 100)
      for (one, other) in zip(response.margins, margins) { #expect(abs(one - other) <= bound) }
    }
  }
}

@Suite struct `The first-order effect of tokens` {
  /// The row of the mask token is moved towards another token's, up and down: the margin has to
  /// follow as the scores say.
  @Test(arguments: ["bert", "roberta", "distilbert"])
  func `is the slope of the margin`(family: String) throws {
    let suspect = try TinySuspect(family)
    let (probe, tokenizer) = (suspect.probe, suspect.source.tokenizer)
    let carriers = suspect.carriers(4)
    let firstOrder = try #require(try FirstOrder(probe))
    let mask = try #require(tokenizer.maskID)
    let words = probe.model.parameters.words
    let own = try words.rows(Int(mask)..<Int(mask) + 1).hostFloats()
    let beside = Array(tokenizer.spellableIDs.suffix(2))
    var checkedCount = 0
    for target in 0..<3 {
      let scores = try firstOrder.scores(for: target, beside: beside, slot: 1, in: carriers)
      for token in tokenizer.spellableIDs.prefix(12) {
        let other = try words.rows(Int(token)..<Int(token) + 1).hostFloats()
        var rivals: Set<[Int]> = []
        func sum(_ step: Float) throws -> Double {
          try words.rows(Int(mask)..<Int(mask) + 1).write(
            zip(own, other).map { $0 + step * ($1 - $0) })
          let logits = try probe.logits(carriers.map { $0.bearing([beside[0], mask, beside[1]]) })
          rivals.insert(logits.map { rival(of: target, in: $0) })
          return logits.reduce(0) { $0 + margin(of: target, in: $1) }
        }
        func slope(_ step: Float) throws -> Double {
          (try sum(step) - sum(-step)) / Double(2 * step)
        }
        let (near, far) = (try slope(0x1p-5), try slope(0x1p-4))
        try words.rows(Int(mask)..<Int(mask) + 1).write(own)
        // Where another class becomes the largest of the others, the margin has a corner.
        guard rivals.count == 1 else { continue }
        checkedCount += 1
        // What the curve does to a difference of twice the width is four times as much; the rest is
        // the rounding of the margins, of the size of 1 each.
        let rounding = Tolerance.relativeError(terms: 100) * Double(carriers.count) / 0x1p-5
        let written = Double(scores[Int(token)] - scores[Int(mask)])
        #expect(abs(written - near) <= abs(near - far) + rounding, "\(family) \(target) \(token)")
      }
    }
    #expect(checkedCount > 12)
  }
}
