/// A reader with faults, by which it is seen that they are noticed.
struct FaultyTarget: FuzzTarget {
  static let name = "faulty"

  init(in folder: String) {}

  func seeds() -> [[UInt8]] { [Array("right".utf8)] }

  func read(_ bytes: [UInt8]) throws {
    claim(!bytes.contains(UInt8(ascii: "-")), "is read although it is wrong")
  }
}
