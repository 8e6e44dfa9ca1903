/// A source of random places in a list, and of orders, which follow from those.
public protocol IndexGenerator {
  /// An integer in `0..<bound`, each as likely as the other.
  ///
  /// - Parameter bound: at least 1.
  mutating func integer(below bound: Int) -> Int
}

extension IndexGenerator {
  /// Puts the elements into a random order (Fisher and Yates, from the last one down).
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, integer(below: last + 1))
    }
  }

  /// The elements in a random order.
  public mutating func shuffled<Element>(_ elements: some Sequence<Element>) -> [Element] {
    var elements = Array(elements)
    shuffle(&elements)
    return elements
  }
}
