import Attacks
import Checkpoints
import CommandLineArguments
import Defenses
import Files
import Laboratory
import Settings
import Stages
import Text
import Training

/// Attacks and defences as the arguments name them.
extension Workbench {
  /// The attack of `--attack`, with its settings.
  func attack(labels: LabelNames, _ recipe: Recipe = .paper) throws -> ConfiguredAttack {
    let name = arguments.text("attack")
    guard let prototype = KnownAttacks.all.first(where: { $0.name == name }) else {
      preconditionFailure("--attack \(name) is a choice without an attack")
    }
    try refuseOthers(KnownAttacks.all, than: prototype, "to --attack \(name)")
    var configured = ConfiguredAttack(prototype, recipe)
    try arguments.apply(to: &configured.method)
    configured.method.targetLabel = try targetLabel(labels)
    return configured
  }

  /// The defence of `--method`, with its settings.
  func defense() throws -> ConfiguredDefense {
    let name = arguments.text("method")
    guard let prototype = KnownDefenses.all.first(where: { $0.name == name }) else {
      preconditionFailure("--method \(name) is a choice without a defence")
    }
    try refuseOthers(KnownDefenses.all, than: prototype, "to --method \(name)")
    var configured = ConfiguredDefense(prototype, recipe)
    try arguments.apply(to: &configured.method)
    configured.training = try training(configured.training)
    return configured
  }

  private static let methods: [any Method] = KnownAttacks.all + KnownDefenses.all

  /// The method of `--attack` or `--method` with its settings; nil for a command that has neither.
  var method: (any Method)? {
    let names = ["attack", "method"].compactMap { name in
      arguments.given.first { $0.name == name }?.value
    }
    guard var method = Self.methods.first(where: { names.contains($0.name) }) else { return nil }
    // What is no value was refused before any work.
    try? arguments.apply(to: &method)
    return method
  }

  /// What results of `--attack` are marked with.
  var remarks: [(name: String, value: String)] { (method as? any Attack)?.remarks ?? [] }

  /// The options in effect, without those of methods that were not asked for.
  var relevant: [(name: String, value: String)] {
    func options(_ methods: [any Method]) -> [String] {
      methods.flatMap(\.descriptions).compactMap(\.option)
    }
    let own = options(method.map { [$0] } ?? [])
    var others = Set(options(Self.methods)).subtracting(own)
    if arguments.command == "defend", !arguments.isSet("scan") {
      others.formUnion(DefenseScan.options.map(\.name))
    }
    return arguments.given.filter { !others.contains($0.name) }
  }

  /// Refuses settings of other methods, which would be ignored.
  private func refuseOthers(
    _ all: [any Configurable], than chosen: any Configurable, _ circumstance: String
  ) throws {
    let own = chosen.descriptions.compactMap(\.option)
    for option in all.flatMap(\.descriptions).compactMap(\.option) where !own.contains(option) {
      try refuse([option], circumstance)
    }
  }

  /// How a model is trained: as given, unless the arguments say otherwise.
  func training(_ settings: TrainingSettings) throws -> TrainingSettings {
    var settings = settings
    settings.classifier = .native
    try arguments.apply(to: &settings)
    settings.seed = seed
    return settings
  }

  /// The texts outside the target class with the trigger of `--attack`, and that attack.
  func triggered(_ clean: Dataset) throws -> (attack: any Attack, texts: TriggeredTexts) {
    let attack = try attack(labels: clean.labels).method
    let texts = try attack.triggeredTestSet(
      from: attack.texts(clean, from: source(clean.source, clean), for: .testing), seed: seed)
    guard texts.data.count > 0 else {
      throw InputError(
        file: clean.source, problem: "has no text outside the target class",
        remedy: "choose another --target-label or other texts")
    }
    return (attack, texts)
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

  /// Tells of triggers that a model never reads, if there are any.
  static func note(unread count: Int, of texts: Int, maximumLength: Int) {
    guard count > 0 else { return }
    Console.note(
      "\(count) of \(texts) triggers are never read: they stand beyond the \(maximumLength) "
        + "tokens of a text that are read, the tokenizer drops them, or they leave the text as it "
        + "was; see --max-length and --insertion-limit")
  }
}
