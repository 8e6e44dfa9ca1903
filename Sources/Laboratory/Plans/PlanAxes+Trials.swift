internal import Attacks
internal import Files
internal import Settings
internal import Stages
internal import Training

extension PlanAxes {
  /// A model that is attacked, or left alone, and the triggers that it is tested with.
  struct Trial {
    /// As cells name it.
    let attack: Plan.Attack
    /// The attack whose triggers they are, with all that a cell needs to know of it.
    let trigger: Entry<Plan.Attack>
    let settings: ConfiguredAttack
    /// That attack and those that share its triggers.
    var sharers: [Plan.Attack]
    /// What tells triggers, and the defences that are measured with them, from others.
    private let identity: JSONValue

    init(
      _ attack: Plan.Attack, _ trigger: Entry<Plan.Attack>, _ settings: ConfiguredAttack,
      _ identity: JSONValue = .null
    ) {
      self.attack = attack.configured(settings.method)
      self.trigger = trigger
      self.settings = settings
      self.identity = identity
      sharers = [trigger.value.configured(settings.method)]
    }

    func isAlike(_ other: Trial) -> Bool { identity == other.identity }
  }

  /// How an attack is tried on a model in a scenario: once, with its own triggers; the model that
  /// is not attacked once with each of the triggers that the others there have, or with those of
  /// the attack that it names. A plan of one attack need not name it.
  func trials(
    _ model: Entry<Plan.Model>, _ attack: Entry<Plan.Attack>, _ scenario: Entry<Plan.Scenario>
  ) throws(InputError) -> [Trial] {
    guard !attack.value.poisons else {
      return [Trial(attack.value, attack, try attackSettings(model, attack, scenario))]
    }
    let armed = attacks.filter(\.value.poisons)
    let named =
      armed.first { $0.value.id == attack.triggerID } ?? (armed.count == 1 ? armed[0] : nil)
    let others = armed.filter {
      $0.value.id != named?.value.id && $0.meets(model) && $0.meets(scenario)
    }
    var trials: [Trial] = []
    for trigger in (named.map { [$0] } ?? []) + others {
      let trial = try trial(model, attack, scenario, with: trigger, isNamed: named != nil)
      if let index = trials.firstIndex(where: trial.isAlike) {
        trials[index].sharers += trial.sharers
      } else if named == nil || trials.isEmpty {
        trials.append(trial)
      }
    }
    return trials
  }

  private func trial(
    _ model: Entry<Plan.Model>, _ clean: Entry<Plan.Attack>, _ scenario: Entry<Plan.Scenario>,
    with trigger: Entry<Plan.Attack>, isNamed: Bool
  ) throws(InputError) -> Trial {
    let settings = try attackSettings(model, trigger, scenario)
    var identity = [settings.method.triggerIdentity]
    for defense in defenses where clean.meets(defense) {
      identity.append(try defenseSettings(model, clean, trigger, scenario, defense).json)
    }
    var attack = clean.value
    if !isNamed {
      // No identifier of a plan has a plus sign.
      attack = Plan.Attack(
        id: "\(attack.id)+\(trigger.value.id)",
        title: "\(attack.title), trigger of \(settings.method.marked(trigger.value.title))",
        method: nil)
      try Self.requireOtherTitle(attack.title, than: attacks, at: clean.node)
    }
    return Trial(attack, trigger, settings, .array(identity))
  }

  private func attackSettings(
    _ model: Entry<Plan.Model>, _ attack: Entry<Plan.Attack>, _ scenario: Entry<Plan.Scenario>
  ) throws(InputError) -> ConfiguredAttack {
    guard let method = attack.value.method else {
      preconditionFailure("\(attack.value.id) is no attack, and has no settings of one")
    }
    let layers = [
      defaults?.attackLayer, model.attackLayer, scenario.attackLayer, attack.attackLayer,
    ]
    var settings = try layers.compactMap { $0 }.configured(method)
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

  func defenseSettings(
    _ model: Entry<Plan.Model>, _ attack: Entry<Plan.Attack>, _ trigger: Entry<Plan.Attack>,
    _ scenario: Entry<Plan.Scenario>, _ defense: Entry<Plan.Defense>
  ) throws(InputError) -> ConfiguredDefense {
    let layers = [
      defaults?.defenseLayer, model.defenseLayer, scenario.defenseLayer, trigger.defenseLayer,
      attack.defenseLayer, defense.defenseLayer,
    ]
    return try layers.compactMap { $0 }.configured(defense.value.method)
  }
}

extension Plan.Attack {
  /// The same with its settings, or those of the attack that lends its triggers, and with what
  /// results of that one are marked with in its title.
  fileprivate func configured(_ attack: any Attack) -> Plan.Attack {
    Plan.Attack(id: id, title: attack.marked(title), method: method.map { _ in attack })
  }
}

extension PlanAxes.Entry<Plan.Attack> {
  func meets(_ model: PlanAxes.Entry<Plan.Model>) -> Bool {
    only["models"]?.contains(model.value.id) ?? true
  }

  func meets(_ scenario: PlanAxes.Entry<Plan.Scenario>) -> Bool {
    only["scenarios"]?.contains(scenario.value.id) ?? true
  }

  func meets(_ defense: PlanAxes.Entry<Plan.Defense>) -> Bool {
    only["defenses"]?.contains(defense.value.id) ?? true
  }
}
