extension Dataset {
  /// Divides the examples at random into two sets, each in the order of this one.
  ///
  /// - Parameters:
  ///   - fraction: the share of the second set, from 0 to 1; its size is rounded to the nearest
  ///     integer, for each label by itself if `keepsProportions`.
  ///   - seed: what the choice depends on, apart from the number of examples (and their labels).
  ///   - keepsProportions: whether each label has the same share in both sets.
  public func split(
    validationFraction fraction: Double, seed: UInt64, keepsProportions: Bool = false
  ) -> (training: Dataset, validation: Dataset) {
    precondition(0...1 ~= fraction, "A share of \(fraction) is not between 0 and 1.")
    var generator = SeededGenerator(seed: seed, for: .heldOut)
    var isValidation = Array(repeating: false, count: count)
    for group in keepsProportions ? indicesByLabel : [Array(examples.indices)] {
      let chosen = Int((fraction * Double(group.count)).rounded())
      for place in generator.sample(chosen, below: group.count) {
        isValidation[group[place]] = true
      }
    }
    return (
      selecting(examples.indices.filter { !isValidation[$0] }),
      selecting(examples.indices.filter { isValidation[$0] })
    )
  }

  /// The indices of the examples of each label, then of those without one.
  private var indicesByLabel: [[Int]] {
    var groups: [[Int]] = Array(repeating: [], count: labels.names.count + 1)
    for (index, example) in examples.enumerated() {
      groups[example.label ?? labels.names.count].append(index)
    }
    return groups
  }
}
