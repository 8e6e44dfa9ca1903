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
    version: version, commands: commands.map { $0.declaration })

  /// Every subcommand: what it is called with, and what it does.
  private static var commands: [(declaration: Command, run: (Workbench) throws -> ExitCode)] {
    [
      (InfoCommand.declaration, InfoCommand.run),
      (AttackCommand.declaration, AttackCommand.run),
      (TriggerCommand.declaration, TriggerCommand.run),
      (SplitCommand.declaration, SplitCommand.run),
      (FineTuneCommand.declaration, FineTuneCommand.run),
      (ScanCommand.declaration, ScanCommand.run),
      (DefendCommand.declaration, DefendCommand.run),
      (EvaluateCommand.declaration, EvaluateCommand.run),
      (PredictCommand.declaration, PredictCommand.run),
      (TokenizeCommand.declaration, TokenizeCommand.run),
      (HeadsCommand.declaration, HeadsCommand.run),
      (SweepCommand.declaration, SweepCommand.run),
      (ReportCommand.declaration, ReportCommand.run),
      (WorkerCommand.declaration, WorkerCommand.run),
      (VerifyCommand.declaration, VerifyCommand.run),
      (BenchCommand.declaration, BenchCommand.run),
    ]
  }

  static func main() {
    Console.reserveStandardStreams()
    // A reader that went away and a file that got too large are errors of a write, not the end.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    exit(run().rawValue)
  }

  private static func run() -> ExitCode {
    do {
      switch try program.parse(
        Environment.words(), environment: Environment.variables, width: 100)
      {
      case .show(let text):
        Console.write(text)
        return .success
      case .run(let arguments):
        guard let command = commands.first(where: { $0.declaration.name == arguments.command })
        else { preconditionFailure("the command \(arguments.command) is declared and not listed") }
        return try command.run(Workbench(arguments))
      }
    } catch {
      Console.note("pure: \(error)")
      return ExitCode(error)
    }
  }
}
