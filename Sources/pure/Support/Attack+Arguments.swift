import Attacks
import CommandLineArguments
import Files
import Text

extension Workbench {
  /// The attack of `--attack` with its settings.
  func attack(labels: LabelNames, poisonRate: Double = 0.5) throws -> any Attack {
    let triggers = arguments.list("triggers")
    guard !triggers.isEmpty, !triggers.contains(where: { $0.allSatisfy(\.isWhitespace) }) else {
      throw InputError(
        .usage, problem: "--triggers has no word in it, or a blank one",
        remedy: "give words with commas between them")
    }
    return BadNets(
      triggers: triggers, targetLabel: try targetLabel(labels), poisonRate: poisonRate)
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
