import Files
import TestSupport
import Testing
import Text

@Suite struct `NumPy's RandomState` {
  private func generator(_ node: JSONNode) throws -> RandomState {
    RandomState(seed: UInt32(try node.required("seed").int()))
  }

  /// The reference program's first numbers (mt19937ar.c), which NumPy's seed 5489 shares.
  @Test func `has the numbers of MT19937`() {
    var generator = RandomState(seed: 5489)
    #expect(
      (0..<5).map { _ in generator.next32() } == [
        3_499_211_612, 581_869_302, 3_890_346_734, 3_586_334_585, 545_404_204,
      ])
    // The C++ standard names the ten thousandth (26.6.5, mt19937).
    for _ in 5..<9999 { _ = generator.next32() }
    #expect(generator.next32() == 4_123_659_995)
  }

  @Test func `draws the integers, orders and samples of the fixture`() throws {
    for node in try OrdersFixture.cases("legacy") {
      var numbers = try generator(node)
      for row in try node.required("integers").elements().map({ try $0.integers() }) {
        #expect(row.dropFirst().allSatisfy { $0 == numbers.integer(below: row[0]) }, "\(row)")
      }
      for order in try node.required("permutations").elements() {
        var fresh = try generator(node)
        let count = try order.required("count").int()
        #expect(try OrdersFixture.isOrder(fresh.shuffled(0..<count), order), "\(count)")
      }
      for sample in try node.required("samples").elements().map({ try $0.elements() }) {
        var fresh = try generator(node)
        let drawn = fresh.sample(try sample[1].required("count").int(), below: try sample[0].int())
        #expect(try OrdersFixture.isOrder(drawn, sample[1]))
      }
    }
  }

  @Test func `goes on where it was after an order`() throws {
    for node in try OrdersFixture.cases("legacy") {
      var one = try generator(node)
      var values = Array(0..<20)
      one.shuffle(&values)
      _ = one.integer(below: 1000)
      one.shuffle(&values)
      #expect(try values == node.required("shuffled").integers())
    }
  }
}

@Suite struct `NumPy's default generator` {
  private func generator(_ node: JSONNode) throws -> PermutedCongruentialGenerator {
    PermutedCongruentialGenerator(seed: UInt64(try node.required("seed").int()))
  }

  @Test func `draws the bits and orders of the fixture`() throws {
    for node in try OrdersFixture.cases("modern") {
      var bits = try generator(node)
      for word in try node.required("bits").elements().map({ try $0.string() }) {
        #expect(String(bits.next64(), radix: 16) == word)
      }
      for order in try node.required("permutations").elements() {
        var fresh = try generator(node)
        let count = try order.required("count").int()
        #expect(try OrdersFixture.isOrder(fresh.shuffled(0..<count), order), "\(count)")
      }
    }
  }
}
