import Checkpoints
import CommandLineArguments
import Conformance
import Encoders
import Files
import Tensors
import Text
import Training

/// `pure bench`: the cases of `pure verify`, timed; and whole training steps.
enum BenchCommand {
  static let declaration = Command(
    "bench", summary: "Time every operation, or with --step whole training steps.",
    options: [
      .text("operation", "NAME", .value(""), help: "Only operations whose name contains this."),
      .flag("step", help: "Time training steps: forward, backward, clipping and AdamW."),
      .text("model", "DIR", help: "Model directory, for --step."),
      .choice(
        "configuration", ["bert-base"],
        help: "For --step: random weights of this size and random texts of --max-length tokens."),
      .text("data", "FILE", help: "Labelled texts, for --step."),
      .integer("batch-size", "N", .value("32"), in: 1...65_536, help: "Texts a step."),
      .integer("steps", "N", .value("20"), in: 1...1_000_000, help: "Steps to time."),
      Options.maximumLength,
    ] + Options.data + [Options.seed, Options.json] + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let backend = try bench.backend()
    if bench.arguments.isSet("step") {
      let result = try StepBenchmark(bench, backend).run()
      if bench.arguments.isSet("json") {
        Console.print(result.json)
      } else {
        Console.print(result.text)
        Console.print(place(backend))
      }
      return .success
    }
    let results = try Timing.run(on: backend, filter: bench.arguments.text("operation"))
    if bench.arguments.isSet("json") {
      Console.print(JSONValue.array(results.map { $0.json(on: backend) }))
    } else {
      Console.print("\(Table(results))")
      Console.print(place(backend))
    }
    return .success
  }

  private static func place(_ backend: any Backend) -> String {
    "on \(backend.device) in \(backend.precision)"
  }
}

extension TimingResult {
  func json(on backend: any Backend) -> JSONValue {
    [
      "device": .string("\(backend.device)"), "precision": .string(backend.precision.rawValue),
      "operation": .string(name), "size": .string(size), "pass": .string("\(pass)"),
      "medianSeconds": .double(median.seconds), "p90Seconds": .double(percentile90.seconds),
      "gigabytesPerSecond": .double(gigabytesPerSecond),
      "gigaFLOPsPerSecond": .double(gigaFLOPsPerSecond),
    ]
  }
}
