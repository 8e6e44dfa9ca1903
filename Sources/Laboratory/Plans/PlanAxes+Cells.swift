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
}
