internal import Attacks
public import Files
public import Stages
internal import Text

extension SweepSchedule {
  /// Makes sure, before anything is trained, that the texts of all cells that are still to be
  /// measured can be read and have the classes that attack, defence and measurement need.
  ///
  /// - Parameter texts: keeps what is read.
  /// - Throws: `InputError` that names the file and what it lacks.
  public func requireTexts(_ texts: TextLengths = TextLengths()) throws(InputError) {
    var counts: [TextSource: [Int]] = [:]
    func labelCounts(_ source: TextSource) throws(InputError) -> [Int] {
      if let known = counts[source] { return known }
      let found = try texts.texts(source).labelCounts
      counts[source] = found
      return found
    }
    for cell in cells where !cell.isFinished {
      let (scenario, attack) = (cell.cell.scenario, cell.cell.attackSettings.method)
      try attack.requireTarget(among: scenario.defenseTest.labelNames)
      if cell.cell.attack.poisons {
        let train = scenario.attackTrain
        try requireTexts(outside: attack, in: labelCounts(train), of: train, to: "poison")
        guard try labelCounts(train)[attack.targetLabel] > 0 else {
          throw InputError(
            file: train.path,
            problem: "has no text of the class that triggers lead to, "
              + "\"\(train.labelNames.names[attack.targetLabel])\"",
            remedy: "name texts of every class, or choose another targetLabel")
        }
        if let validation = scenario.attackValidation { _ = try labelCounts(validation) }
      }
      let train = try labelCounts(scenario.defenseTrain)
      guard train.count(where: { $0 > 0 }) > 1 else {
        throw InputError(
          file: scenario.defenseTrain.path, problem: "has texts of one class alone",
          remedy: "name texts of every class: there is nothing to learn from one")
      }
      _ = try labelCounts(scenario.defenseValidation)
      let test = scenario.defenseTest
      try requireTexts(outside: attack, in: labelCounts(test), of: test, to: "test triggers with")
    }
  }

  private func requireTexts(
    outside attack: any Attack, in counts: [Int], of source: TextSource, to purpose: String
  ) throws(InputError) {
    guard counts.indices.contains(where: { $0 != attack.targetLabel && counts[$0] > 0 }) else {
      throw InputError(
        file: source.path, problem: "has no text outside the target class to \(purpose)",
        remedy: "name texts of every class, or choose another targetLabel")
    }
  }
}
