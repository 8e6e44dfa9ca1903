internal import Text

/// A clean text with the place where candidates are put into it.
public struct Carrier: Sendable, Equatable {
  /// The text's ids, without those that the tokenizer puts around it.
  public let pieces: [Int32]
  /// How many of them stand before the candidate.
  public let place: Int

  /// - Parameter place: from 0 to the number of pieces.
  public init(_ pieces: [Int32], place: Int) {
    precondition(
      0...pieces.count ~= place, "a text of \(pieces.count) pieces has no place \(place)")
    (self.pieces, self.place) = (pieces, place)
  }

  /// A place before a word or at the end, each as likely as the other: a candidate is a word of its
  /// own and tears none apart.
  init(_ pieces: [Int32], _ tokenizer: Tokenizer, _ generator: inout SeededGenerator) {
    let places = pieces.indices.filter { $0 == 0 || !tokenizer.continuesWord(pieces[$0]) }
    let all = places + [pieces.count]
    self.init(pieces, place: all[generator.integer(below: all.count)])
  }

  /// The text with a candidate in it.
  public func bearing(_ candidate: [Int32]) -> [Int32] {
    Array(pieces[..<place]) + candidate + Array(pieces[place...])
  }
}
