import CommandLineArguments
import Conformance
import Files
import Laboratory
import Tensors

/// `pure verify`: every operation against its oracles, as a user can run it.
enum VerifyCommand {
  static let declaration = Command(
    "verify", summary: "Check every operation against its oracles on this machine.",
    options: [
      Options.operation,
      .flag(
        "small",
        help: "Only small sizes: seconds instead of minutes, also under a tool that slows a GPU."),
      Options.json,
    ] + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let backend = try bench.backend()
    let filter = bench.arguments.optionalText("operation") ?? ""
    let asJSON = bench.arguments.isSet("json")
    let cases = Case.all.filter { !bench.arguments.isSet("small") || !$0.isRealistic }
    let results = try Verification.run(on: backend, cases: cases, filter: filter) { result in
      if !asJSON && !result.passed {
        Console.note("\(result.name) \(result.size): \(result.failures.joined(separator: "; "))")
      }
    }
    guard !results.isEmpty else { throw Workbench.noOperation(filter, "checked") }
    if asJSON {
      Console.print(JSONValue.array(results.map { $0.json(on: backend) }))
    } else {
      Console.write(Grid(results).terminalText())
      Console.print(
        "\(results.count { $0.passed }) of \(results.count) checks passed on \(backend.device) "
          + "in \(backend.precision)")
    }
    return results.allSatisfy(\.passed) ? .success : .failed
  }
}

extension CaseResult {
  func json(on backend: any Backend) -> JSONValue {
    [
      "device": .string("\(backend.device)"), "precision": .string(backend.precision.rawValue),
      "operation": .string(name), "size": .string(size), "mode": .string(mode.rawValue),
      "passed": .bool(passed), "worstError": .double(worstError), "seconds": .double(seconds),
      "failures": .array(failures.map(JSONValue.string)),
    ]
  }
}
