/// Something that a method looks at besides the model that it works on. What a method may see
/// belongs to its result: numbers of two that see different things are not alike.
public enum Knowledge: String, CaseIterable, Sendable {
  case cleanTexts
  case cleanModel
  case trigger
  case paraphrases
  case suspectTexts
  case trainingSet

  /// In a list, such as "clean texts".
  public var title: String {
    switch self {
    case .cleanTexts: "clean texts"
    case .cleanModel: "a clean model"
    case .trigger: "the trigger"
    case .paraphrases: "paraphrases"
    case .suspectTexts: "suspect texts"
    case .trainingSet: "the training set"
    }
  }

  /// What that is, as the end of a sentence.
  public var summary: String {
    switch self {
    case .cleanTexts:
      "labelled texts of the task without a trigger, to train on and to choose by; never those of "
        + "the test"
    case .cleanModel:
      "one of the suspect's shape that is known to be clean; to an attacker, the one that is "
        + "poisoned"
    case .trigger: "what the attacker marks texts with, and the class that it leads to"
    case .paraphrases: "the texts as another program has rewritten them"
    case .suspectTexts: "texts of which some may bear the trigger"
    case .trainingSet: "what the suspect was trained on, the poisoned texts included"
    }
  }

  /// A method's name, and what it may see.
  public typealias Sight = (name: String, sees: [Knowledge])

  /// A list for people, such as "clean texts and a clean model".
  public static func list(_ knowledge: [Knowledge]) -> String {
    guard let last = knowledge.last else { return "nothing" }
    let others = knowledge.dropLast().map(\.title).joined(separator: ", ")
    return others.isEmpty ? last.title : "\(others) and \(last.title)"
  }

  /// Methods by what they see, such as "clean texts (FT, PURE); clean texts and a clean model
  /// (Fine-mixing)".
  public static func groups(of methods: [Sight]) -> String {
    var groups: [(sees: [Knowledge], names: [String])] = []
    for (name, sees) in methods {
      if let index = groups.firstIndex(where: { $0.sees == sees }) {
        groups[index].names.append(name)
      } else {
        groups.append((sees, [name]))
      }
    }
    return groups.map { "\(list($0.sees)) (\($0.names.joined(separator: ", ")))" }
      .joined(separator: "; ")
  }

  /// What that is, a sentence for each thing that one of the methods sees.
  public static func meanings(of methods: [Sight]) -> String {
    allCases.filter { item in methods.contains { $0.sees.contains(item) } }.map { item in
      "\(item.title.prefix(1).uppercased())\(item.title.dropFirst()): \(item.summary)."
    }.joined(separator: " ")
  }

  /// Both, for a command's help.
  public static func explanation(of methods: [Sight]) -> String {
    "May see: \(groups(of: methods)). \(meanings(of: methods))"
  }
}
