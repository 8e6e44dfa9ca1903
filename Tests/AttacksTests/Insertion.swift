import Attacks
import Stages
import Testing
import Text

/// An attack that inserts one of a few triggers, to be tested by what it must do whatever the trigger is.
struct Insertion: Sendable, CustomTestStringConvertible {
  /// The attack.
  private(set) var attack: any InsertionAttack
  /// All that it may insert.
  let triggers: [String]

  /// Every such attack as it is by default.
  static let all = [
    Insertion(attack: BadNets(), triggers: ["cf", "bb", "ak", "mn"]),
    Insertion(attack: AddSent(), triggers: ["I watch this 3D movie"]),
    Insertion(attack: LayerWeightPoisoning(), triggers: ["cf", "bb", "ak", "mn"]),
    Insertion(attack: RestrictedPoisoning(), triggers: ["cf", "bb", "ak", "mn"]),
  ]

  var testDescription: String { attack.title }

  /// The same with other settings.
  func with(_ change: (inout any InsertionAttack) -> Void) -> Insertion {
    var other = self
    change(&other.attack)
    return other
  }

  /// The poisoned training set.
  func trainingSet(_ clean: Dataset, seed: UInt64 = 1) throws -> Dataset {
    try attack.poisonedTrainingSet(from: clean, seed: seed).data
  }

  /// The words before each trigger of a text, where it stands in one piece between single blanks.
  func places(in text: String) -> [Int] {
    let words = Self.words(text)
    return triggers.map(Self.words).flatMap { trigger in
      words.indices.filter { words[$0...].starts(with: trigger) }
    }.sorted()
  }

  /// How many triggers a text has.
  func count(in text: String) -> Int { places(in: text).count }

  /// The text without its triggers.
  func removed(from text: String) -> String {
    var words = Self.words(text)
    for place in places(in: text).reversed() {
      let trigger = triggers.map(Self.words).first { words[place...].starts(with: $0) }
      words.removeSubrange(place..<place + (trigger?.count ?? 0))
    }
    return words.joined(separator: " ")
  }

  private static func words(_ text: String) -> [Substring] {
    text.split(separator: " ", omittingEmptySubsequences: false)
  }
}
