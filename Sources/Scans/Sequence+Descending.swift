extension Sequence {
  /// The largest value first; equal ones, and those that are no numbers, in the order they had.
  func sorted(descendingBy value: (Element) -> Double) -> [Element] {
    map { ($0, value($0)) }.enumerated().sorted { first, second in
      let (one, other) = (first.element.1, second.element.1)
      return one == other ? first.offset < second.offset : one > other
    }.map(\.element.0)
  }
}

extension Sequence<Candidate> {
  /// Those first that flip the most of the unseen texts.
  public var strongestFirst: [Candidate] { sorted(descendingBy: \.flips.share) }
}
