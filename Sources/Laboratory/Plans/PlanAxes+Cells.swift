internal import Files

extension PlanAxes {
  /// The product of the axes in their order, without the pairs that an attack's `only` leaves out.
  func cells() throws(InputError) -> [Cell] {
    var cells: [Cell] = []
    for model in models {
      for attack in attacks where attack.meets(model) {
        for scenario in scenarios where attack.meets(scenario) {
          for trial in try trials(model, attack, scenario) {
            for defense in defenses where attack.meets(defense) {
              let settings = try defenseSettings(model, attack, trial.trigger, scenario, defense)
              cells += seeds.map { seed in
                Cell(
                  model: model.value, attack: trial.attack, triggers: trial.sharers,
                  scenario: scenario.value, defense: defense.value, seed: seed,
                  attackSettings: trial.settings, defenseSettings: settings)
              }
            }
          }
        }
      }
    }
    return cells
  }

  /// Published values by the group of cells that they belong to.
  func expectations(
    _ node: JSONNode?, of cells: [Cell]
  ) throws(InputError) -> [String: Expectation] {
    var expectations: [String: Expectation] = [:]
    let attackIDs = cells.reduce(into: attacks.map(\.value.id)) { ids, cell in
      if !ids.contains(cell.attack.id) { ids.append(cell.attack.id) }
    }
    let groups = Set(cells.map(\.group))
    let axes: [(key: String, ids: [String])] = [
      ("model", models.map(\.value.id)), ("attack", attackIDs), ("scenario", scenarioIDs),
      ("defense", defenses.map(\.value.id)),
    ]
    for cell in try node?.elements() ?? [] {
      try cell.requireKeys(among: axes.map(\.key) + ["accuracy", "labelFlipRate"])
      var ids: [String] = []
      for axis in axes {
        let name = try cell.required(axis.key)
        ids.append(try name.string())
        try Self.requireKnown(ids.suffix(1), among: axis.ids, at: name)
      }
      let group = ids.joined(separator: "/")
      guard groups.contains(group) || absent.contains(where: { $0.id == ids[2] }) else {
        throw cell.error(
          "is about \(group), which the plan does not run", remedy: "correct or remove it")
      }
      let expectation = Expectation(
        accuracy: try value(cell.optional("accuracy")),
        labelFlipRate: try value(cell.optional("labelFlipRate")))
      guard expectations.updateValue(expectation, forKey: group) == nil else {
        throw cell.error("is there twice", remedy: "remove one")
      }
    }
    return expectations
  }

  private func value(_ node: JSONNode?) throws(InputError) -> Expectation.Value? {
    guard let node else { return nil }
    try node.requireKeys(among: ["mean", "deviation"])
    return Expectation.Value(
      mean: try node.required("mean").double(in: 0...100),
      deviation: try node.optional("deviation")?.double(in: 0...100))
  }
}
