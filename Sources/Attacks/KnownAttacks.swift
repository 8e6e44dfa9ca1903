internal import Files
internal import Settings
internal import Stages

/// The attacks that plans and commands can name.
public enum KnownAttacks {
  /// All of them, in the order of lists for people.
  public static let all: [any Attack] = [
    BadNets(), AddSent(), ParaphraseAttack.hiddenKiller, ParaphraseAttack.styleBkd,
    LayerWeightPoisoning(), RestrictedPoisoning(),
  ]

  /// The attack that `Attack.json`, or a part of it, is about.
  static func restored(_ node: JSONNode) throws(InputError) -> any Attack {
    let name = try node.required("attack")
    let wanted = try name.string()
    guard var attack = all.first(where: { $0.name == wanted }) else {
      throw name.error(
        "is no attack", remedy: "use one of " + all.map(\.name).joined(separator: ", "))
    }
    for scope in [SettingScope.trigger, .testTrigger] {
      try attack.restore(node.required("trigger"), scope: scope)
    }
    try attack.restore(node, scope: .method)
    return attack
  }
}
