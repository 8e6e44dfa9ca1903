import Attacks
import CommandLineArguments
import Files
import Laboratory
import Text
import Training

extension AttackKind {
  /// What a kind does with its settings: the one place where attacks of commands and plans are made.
  func attack(_ settings: AttackSettings) -> any Attack {
    switch self {
    case .none: preconditionFailure("the clean model has no attack to run")
    case .badNets:
      BadNets(
        triggers: settings.triggers, targetLabel: settings.targetLabel,
        poisonRate: settings.poisonRate, insertionLimit: settings.insertionLimit)
    }
  }
}

extension Workbench {
  /// The attack of `--attack` with the settings of the arguments; those that no option gives are the paper's.
  func attack(labels: LabelNames, poisonRate: Double? = nil) throws -> any Attack {
    var settings = AttackSettings(.paper)
    settings.triggers = arguments.list("triggers")
    guard !settings.triggers.isEmpty,
      !settings.triggers.contains(where: { $0.allSatisfy(\.isWhitespace) })
    else {
      throw InputError(
        .usage, problem: "--triggers has no word in it, or a blank one",
        remedy: "give words with commas between them")
    }
    settings.targetLabel = try targetLabel(labels)
    settings.insertionLimit = arguments.integer("insertion-limit")
    if let poisonRate { settings.poisonRate = poisonRate }
    let name = arguments.text("attack")
    guard let kind = AttackKind(rawValue: name) else {
      preconditionFailure("--attack \(name) is a choice without a kind")
    }
    return kind.attack(settings)
  }

  /// Tells of triggers that a model never reads, if there are any.
  static func note(unread count: Int, of texts: Int, maximumLength: Int) {
    guard count > 0 else { return }
    Console.note(
      "\(count) of \(texts) triggers are never read: they stand beyond the \(maximumLength) tokens of "
        + "a text that are read, or the tokenizer drops them; see --max-length and --insertion-limit")
  }

  /// The class of `--target-label`.
  func targetLabel(_ labels: LabelNames) throws -> Int {
    let name = arguments.text("target-label")
    guard let index = labels.index(of: name) else {
      throw InputError(
        .usage, problem: "--target-label \"\(name)\" is none of the labels",
        remedy: "name one of \(labels.names.joined(separator: ", "))")
    }
    return index
  }
}
