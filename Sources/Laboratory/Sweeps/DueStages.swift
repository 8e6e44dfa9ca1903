internal import Stages

/// The stages of a sweep whose inputs are there, to be taken in their order. Whatever ends touches
/// only what waits for it, so that all of a sweep takes time in proportion to its stages.
struct DueStages {
  private let stages: [Stage]
  private let places: [String: Int]
  /// Which stages take the result of each as an input.
  private let successors: [[Int]]
  private var missingInputCounts: [Int]
  /// From the last to the first: what becomes due mostly comes before what is.
  private var due: [Int] = []

  /// - Parameters:
  ///   - stages: each once, after those whose results it needs.
  ///   - isDone: whether a stage has its result already.
  init(_ stages: [Stage], isDone: (Stage) -> Bool) {
    self.stages = stages
    places = Dictionary(uniqueKeysWithValues: stages.enumerated().map { ($1.key, $0) })
    var successors = stages.map { _ in [Int]() }
    missingInputCounts = stages.map { _ in 0 }
    for (place, stage) in stages.enumerated() {
      for case .stage(let key, _) in stage.inputs.map(\.source) {
        guard let input = places[key] else {
          preconditionFailure("\(stage.name) needs a stage that the sweep does not have")
        }
        guard !isDone(stages[input]) else { continue }
        successors[input].append(place)
        missingInputCounts[place] += 1
      }
    }
    self.successors = successors
    due = stages.indices.reversed().filter { missingInputCounts[$0] == 0 && !isDone(stages[$0]) }
  }

  /// Takes the first one out.
  mutating func next() -> Stage? { due.popLast().map { stages[$0] } }

  /// Puts a stage in again that was begun in vain.
  mutating func putBack(_ stage: Stage) {
    if let place = places[stage.key] { insert(place) }
  }

  /// Adds those that waited for nothing but this one's result.
  mutating func add(after stage: Stage) {
    guard let place = places[stage.key] else { return }
    for successor in successors[place] {
      missingInputCounts[successor] -= 1
      if missingInputCounts[successor] == 0 { insert(successor) }
    }
  }

  private mutating func insert(_ place: Int) {
    var (low, high) = (0, due.count)
    while low < high {
      let middle = (low + high) / 2
      if due[middle] > place { low = middle + 1 } else { high = middle }
    }
    due.insert(place, at: low)
  }
}
