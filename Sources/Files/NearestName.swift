/// The name that a misspelt one was probably meant to be: at most a third of its letters are
/// wrong, missing, superfluous or swapped with a neighbour (optimal string alignment distance).
/// The first of equally near names wins; nothing when none is near.
public func nearestName(to word: String, among names: some Sequence<String>) -> String? {
  var best: (name: String, distance: Int)?
  for name in names {
    let distance = alignmentDistance(Array(word.utf8), Array(name.utf8))
    guard distance <= max(1, max(word.utf8.count, name.utf8.count) / 3) else { continue }
    if distance < best?.distance ?? .max { best = (name, distance) }
  }
  return best?.name
}

private func alignmentDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...second.count)
  for (row, byte) in first.enumerated() {
    var current = [row + 1]
    for (column, other) in second.enumerated() {
      var distance = min(
        last[column] + (byte == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, byte == second[column - 1], first[row - 1] == other {
        distance = min(distance, beforeLast[column - 1] + 1)
      }
      current.append(distance)
    }
    (beforeLast, last) = (last, current)
  }
  return last[second.count]
}
