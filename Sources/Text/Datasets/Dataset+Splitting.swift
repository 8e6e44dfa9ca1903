extension Dataset {
  /// Divides the examples at random into two sets, each in the order of this one.
  ///
  /// - Parameters:
  ///   - fraction: the share of the second set, from 0 to 1; its size is rounded to the nearest integer.
  ///   - seed: what the choice depends on, apart from the number of examples.
  public func split(
    validationFraction fraction: Double, seed: UInt64
  ) -> (training: Dataset, validation: Dataset) {
    precondition(0...1 ~= fraction, "A share of \(fraction) is not between 0 and 1.")
    var generator = SeededGenerator(seed: seed, for: .heldOut)
    let chosen = Int((fraction * Double(count)).rounded())
    var isValidation = Array(repeating: false, count: count)
    for place in generator.sample(chosen, below: count) { isValidation[place] = true }
    return (
      selecting(examples.indices.filter { !isValidation[$0] }),
      selecting(examples.indices.filter { isValidation[$0] })
    )
  }
}
