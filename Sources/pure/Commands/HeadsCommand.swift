import CommandLineArguments
import Files

/// `pure heads`: variance scores as heat maps (paper Figure 2).
enum HeadsCommand: RunnableCommand {
  static let declaration = Command("heads", summary: "x", options: [])
  static func run(_ bench: Workbench) throws -> ExitCode { .success }
}
