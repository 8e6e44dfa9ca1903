internal import Files

/// Which parameters a run moves. The others keep every bit: neither gradient nor weight decay
/// reaches them, and the gradient norm that is clipped does not count them.
public enum MovingParameters: Sendable, Equatable {
  case all
  /// The embeddings of some words alone, by their ids.
  case words(Set<Int32>)

  var json: JSONValue {
    switch self {
    case .all: "all"
    case .words(let ids): ["words": .array(ids.sorted().map { .int(Int($0)) })]
    }
  }
}
