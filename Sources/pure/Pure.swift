import CommandLineArguments
import Files
import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// The command: words into values, values into work, errors into exit codes.
@main
struct Pure {
  static let version = "0.1.0"

  static let program = CommandLineProgram(
    name: "pure",
    summary: "Removes backdoors from language models, and measures that they are gone.",
    version: version, commands: commands.map(\.declaration))

  private static var commands: [any RunnableCommand.Type] {
    [
      InfoCommand.self, AttackCommand.self, TriggerCommand.self, FineTuneCommand.self,
      DefendCommand.self, EvaluateCommand.self, PredictCommand.self, TokenizeCommand.self,
      HeadsCommand.self, SweepCommand.self, VerifyCommand.self, BenchCommand.self,
    ]
  }

  static func main() {
    exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  private static func run(_ words: [String]) -> ExitCode {
    do {
      switch try program.parse(words, environment: Environment.variables, width: 100) {
      case .show(let text):
        Console.write(text, to: STDOUT_FILENO)
        return .success
      case .run(let arguments):
        guard let command = commands.first(where: { $0.declaration.name == arguments.command })
        else { preconditionFailure("the command \(arguments.command) is declared and not listed") }
        Interruptions.install()
        return try command.run(Workbench(arguments))
      }
    } catch {
      Console.note("pure: \(error)")
      return ExitCode(error)
    }
  }
}

/// One subcommand: what it is called with, and what it does.
protocol RunnableCommand {
  static var declaration: Command { get }
  static func run(_ bench: Workbench) throws -> ExitCode
}
