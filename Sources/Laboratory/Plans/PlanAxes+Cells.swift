internal import Training
internal import Files

extension PlanAxes {
  /// The product of the axes in their order, without the pairs that an attack's `only` leaves out.
  func cells() throws(InputError) -> [Cell] {
    var cells: [Cell] = []
    for model in models {
      for attack in attacks {
        for scenario in scenarios {
          for defense in defenses where attack.meets(model, scenario, defense) {
            cells += try seeds.map { seed throws(InputError) in
              Cell(
                model: model.value, attack: attack.value, scenario: scenario.value,
                defense: defense.value, seed: seed,
                attackSettings: try attackSettings(model, attack, scenario),
                defenseSettings: try defenseSettings(model, attack, scenario, defense))
            }
          }
        }
      }
    }
    return cells
  }

  private func attackSettings(
    _ model: Entry<Plan.Model>, _ attack: Entry<Plan.Attack>, _ scenario: Entry<Plan.Scenario>
  ) throws(InputError) -> ConfiguredAttack {
    let trigger = attacks.first { $0.value.id == attack.value.triggerID }
    let layers = [
      defaults.attackLayer, model.attackLayer, scenario.attackLayer, trigger?.attackLayer,
    ]
    var settings = try layers.compactMap { $0 }.configured(attack.value.method)
    guard settings.training.selection == .best, scenario.value.attackValidation == nil else {
      return settings
    }
    for layer in layers {
      if let node = try layer?.node.optional("selection"), node.value.string == "best" {
        throw node.error(
          "is \"best\", but the scenario \"\(scenario.value.id)\" has no attackData.validation",
          remedy: "add it or use \"last\"")
      }
    }
    settings.training.selection = .last
    return settings
  }

  private func defenseSettings(
    _ model: Entry<Plan.Model>, _ attack: Entry<Plan.Attack>, _ scenario: Entry<Plan.Scenario>,
    _ defense: Entry<Plan.Defense>
  ) throws(InputError) -> ConfiguredDefense {
    let trigger = attacks.first { $0.value.id == attack.value.triggerID }
    let layers = [
      defaults.defenseLayer, model.defenseLayer, scenario.defenseLayer, trigger?.defenseLayer,
      attack.defenseLayer, defense.defenseLayer,
    ]
    return try layers.compactMap { $0 }.configured(defense.value.method)
  }

  /// Published values by the group of cells that they belong to.
  func expectations(_ node: JSONNode?) throws(InputError) -> [String: Expectation] {
    var expectations: [String: Expectation] = [:]
    let axes: [(key: String, ids: [String])] = [
      ("model", models.map(\.value.id)), ("attack", attacks.map(\.value.id)),
      ("scenario", scenarios.map(\.value.id)), ("defense", defenses.map(\.value.id)),
    ]
    for cell in try node?.elements() ?? [] {
      try cell.requireKeys(among: axes.map(\.key) + ["accuracy", "labelFlipRate"])
      var ids: [String] = []
      for axis in axes {
        let name = try cell.required(axis.key)
        ids.append(try name.string())
        try Self.requireKnown(ids.suffix(1), among: axis.ids, at: name)
      }
      let expectation = Expectation(
        accuracy: try value(cell.optional("accuracy")),
        labelFlipRate: try value(cell.optional("labelFlipRate")))
      guard expectations.updateValue(expectation, forKey: ids.joined(separator: "/")) == nil else {
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

extension PlanAxes.Entry {
  func meets(
    _ model: PlanAxes.Entry<Plan.Model>, _ scenario: PlanAxes.Entry<Plan.Scenario>,
    _ defense: PlanAxes.Entry<Plan.Defense>
  ) -> Bool {
    only["models"]?.contains(model.value.id) ?? true
      && only["scenarios"]?.contains(scenario.value.id) ?? true
      && only["defenses"]?.contains(defense.value.id) ?? true
  }
}
