public import Settings
public import Text

/// An attack that puts one of a few rare words into a text.
public protocol RareWordAttack: InsertionAttack {
  /// The words, of which one is inserted.
  var triggers: [String] { get set }
}

extension RareWordAttack {
  /// That of all of them.
  public var triggerName: String { "rare word" }

  /// One of the words.
  public func trigger(_ generator: inout SeededGenerator) -> String { word(&generator) }

  /// One of the words.
  func word(_ generator: inout SeededGenerator) -> String {
    triggers[generator.integer(below: triggers.count)]
  }
}

extension Setting where Root: RareWordAttack {
  /// The words.
  public static var triggers: Setting {
    .texts(
      "triggers", \Root.triggers, scope: .trigger, identity: "words",
      "Words of which one is inserted in a text.")
  }
}
