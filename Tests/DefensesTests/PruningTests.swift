import Conformance
import Encoders
import Settings
import Testing
import Training

@testable import Defenses

@Suite struct `Pruning heads` {
  /// The rules once more, in terms of how long a prefix of the heads in ascending order is masked.
  private struct Rules {
    let order: [(layer: Int, head: Int)]
    let full: HeadMask

    init(_ scores: HeadScores, _ full: HeadMask) {
      self.full = full
      var order: [(layer: Int, head: Int)] = []
      for layer in 0..<full.layerCount {
        var heads = (0..<full.headCount).filter { full[layer, $0] }
        heads.sort { (scores.values[layer][$0], $0) < (scores.values[layer][$1], $1) }
        // The best head of a layer stays whatever happens.
        order += heads.dropLast().map { (layer, $0) }
      }
      self.order = order.sorted {
        (scores.values[$0.layer][$0.head], $0.layer, $0.head)
          < (scores.values[$1.layer][$1.head], $1.layer, $1.head)
      }
    }

    func mask(_ prefix: Int) -> HeadMask {
      var mask = full
      for head in order[..<prefix] { mask[head.layer, head.head] = false }
      return mask
    }

    func outcome(groupSize: Int, isAccurate: (HeadMask) -> Bool) -> HeadMask {
      var kept = 0
      while kept < order.count {
        let next = min(kept + groupSize, order.count)
        guard isAccurate(mask(next)) else {
          let best = (kept..<next).reversed().first { $0 == kept || isAccurate(mask($0)) }
          return mask(best ?? kept)
        }
        kept = next
      }
      return mask(order.count)
    }
  }

  @Test(arguments: [1, 3, 10])
  func `follows the rules for any accuracy`(groupSize: Int) {
    var generator = Generator(seed: 8)
    var prunedCounts: Set<Int> = []
    for _ in 0..<300 {
      let (layers, heads) = (
        1 + generator.integer(below: 4), 1 + generator.integer(below: 6)
      )
      // Few different scores, so that many are equal.
      let scores = HeadScores(
        values: (0..<layers).map { _ in
          (0..<heads).map { _ in Double(generator.integer(below: 6)) }
        })
      // Some heads may be pruned before, but none of these layers entirely.
      var full = HeadMask(layerCount: layers, headCount: heads)
      for layer in 0..<layers where heads > 2 && generator.integer(below: 3) == 0 {
        full[layer, generator.integer(below: heads)] = false
      }
      // Each head is worth something; in a third of the cases the verdict is a coin instead.
      let worth = (0..<layers * heads).map { _ in generator.uniform() }
      let floor = generator.uniform() * worth.reduce(0, +)
      let salt = generator.integer(below: 3) == 0 ? generator.next() | 1 : 0
      func isAccurate(_ mask: HeadMask) -> Bool {
        if salt > 0 {
          var coin = Generator(seed: salt &+ UInt64(bitPattern: Int64(Self.code(mask))))
          return coin.integer(below: 4) > 0
        }
        return zip(worth, mask.alive.joined()).reduce(0) { $0 + ($1.1 ? $1.0 : 0) } >= floor
      }
      let got = HeadPruning.prune(
        scores, from: full, groupSize: groupSize, isAccurate: isAccurate)
      let expected = Rules(scores, full).outcome(groupSize: groupSize, isAccurate: isAccurate)
      #expect(got == expected)
      // A layer never loses all heads, and none that was pruned comes back.
      #expect(got.alive.allSatisfy { $0.contains(true) })
      #expect(zip(got.alive.joined(), full.alive.joined()).allSatisfy { !$0 || $1 })
      #expect(got == full || isAccurate(got))
      prunedCounts.insert(got.prunedCount - full.prunedCount)
    }
    #expect(prunedCounts.count > 5, "the cases hardly differ")
  }

  private let scores = HeadScores(values: [[5, 1, 3], [2, 6, 4]])
  private let full = HeadMask(layerCount: 2, headCount: 3)

  @Test func `puts the head back that broke the floor`() {
    var tried: [[[Int]]] = []
    let mask = HeadPruning.prune(scores, from: full, groupSize: 1) { mask in
      tried.append(mask.pruned)
      return mask.prunedCount < 3
    }
    #expect(tried == [[[1], []], [[1], [0]], [[1, 2], [0]]])
    #expect(mask.pruned == [[1], [0]])
  }

  @Test func `gives heads of the last group back, the highest score first`() {
    var tried: [[[Int]]] = []
    let mask = HeadPruning.prune(scores, from: full, groupSize: 10) { mask in
      tried.append(mask.pruned)
      return mask.prunedCount < 3
    }
    // Four candidates at once; 4 and then 3 come back.
    #expect(tried == [[[1, 2], [0, 2]], [[1, 2], [0]], [[1], [0]]])
    #expect(mask.pruned == [[1], [0]])
  }

  @Test(arguments: [1, 2, 10])
  func `leaves one head a layer when the floor is never reached`(groupSize: Int) {
    let mask = HeadPruning.prune(scores, from: full, groupSize: groupSize) { _ in true }
    #expect(mask.alive == [[true, false, false], [false, true, false]])
  }

  @Test(arguments: [1, 2, 10])
  func `prunes nothing when the floor is out of reach`(groupSize: Int) {
    #expect(HeadPruning.prune(scores, from: full, groupSize: groupSize) { _ in false } == full)
  }

  @Test func `looks as often as its recipe says`() {
    var defense = PURE.whole
    defense.follow(.reference)
    #expect(defense.pruningStep == 10)
    defense.follow(.paper)
    #expect(defense.pruningStep == 1 && PURE.whole.pruningStep == 1)
  }

  private static func code(_ mask: HeadMask) -> Int {
    mask.alive.joined().reduce(1) { $0 * 2 + ($1 ? 1 : 0) }
  }
}
