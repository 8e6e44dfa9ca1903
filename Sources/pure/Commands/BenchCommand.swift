import Checkpoints
import CommandLineArguments
import Conformance
import Encoders
import Files
import Laboratory
import Tensors
import Text
import Training

/// `pure bench`: the cases of `pure verify`, timed; and whole training steps.
enum BenchCommand {
  static let declaration = Command(
    "bench",
    summary:
      "Time every operation, with --step whole training steps, with --attention its kernels.",
    options: [
      Options.operation,
      .flag("step", help: "Time training steps: forward, backward, clipping and AdamW."),
      .flag(
        "attention",
        help:
          "Time each of attention's kernels for a GPU's tensor cores, in --precision tf32 or bf16."),
      .flag("small", help: "For --attention: small batches, which say nothing of the GPU."),
      .flag("inference", help: "For --step: forward passes alone, without dropout."),
    ] + stepOptions + textOptions + [Options.seed, Options.json] + Options.device)

  private static let stepOptions: [Option] =
    [
      .choice(
        "configuration", ["bert-base"],
        help:
          "For --step: random weights of this size, and random texts of --max-length tokens or those "
          + "of --data by the tokenizer of --model."),
      .integer("batch-size", "N", .value("32"), in: 1...65_536, help: "For --step: texts a step."),
      .integer(
        "steps", "N", .value("20"), in: 1...1_000_000, help: "For --step: how many to time."),
    ] + Options.maximumLength

  private static let textOptions: [Option] =
    [
      .text("model", "DIR", help: "For --step: model directory."),
      .text("data", "FILE", help: "For --step: labelled texts."),
    ] + Options.data

  static func run(_ bench: Workbench) throws -> ExitCode {
    let texts = textOptions.map(\.name)
    if !bench.arguments.isSet("step") {
      try bench.refuse(stepOptions.map(\.name) + texts + ["inference", "seed"], "without --step")
    } else {
      try bench.refuse(["operation"], "with --step")
      let hasTexts = ["model", "data"].allSatisfy { bench.arguments.optionalText($0) != nil }
      if bench.arguments.optionalText("configuration") != nil && !hasTexts {
        try bench.refuse(texts, "with --configuration")
      }
    }
    if bench.arguments.isSet("attention") {
      try bench.refuse(["operation", "step"], "with --attention")
    } else {
      try bench.refuse(["small"], "without --attention")
    }
    let backend = try bench.backend()
    if bench.arguments.isSet("attention") { return try timeAttention(on: backend, bench) }
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
    let filter = bench.arguments.optionalText("operation") ?? ""
    let results = try Timing.run(on: backend, filter: filter)
    guard !results.isEmpty else { throw Workbench.noOperation(filter, "timed") }
    if bench.arguments.isSet("json") {
      Console.print(JSONValue.array(results.map { $0.json(on: backend) }))
    } else {
      Console.write(Grid(results).terminalText())
      Console.print(place(backend))
    }
    return .success
  }

  private static func timeAttention(on backend: any Backend, _ bench: Workbench) throws -> ExitCode
  {
    guard let gpu = backend as? CUDABackend else {
      throw InputError(
        .usage,
        problem: "--attention times kernels for tensor cores, which \(backend.device) has none of",
        remedy: "name a GPU with --device, such as cuda:0")
    }
    guard gpu.precision != .fp32 else {
      throw InputError(
        .usage, problem: "--attention has one kernel of each kind in fp32 and none to choose from",
        remedy: "give --precision bf16 or tf32")
    }
    let isSmall = bench.arguments.isSet("small")
    let differences = try AttentionTrial.differences(on: gpu)
    let results = try AttentionTrial.time(
      on: gpu, batches: isSmall ? AttentionTrial.smallBatches : AttentionTrial.batches,
      launches: isSmall ? 1 : 20)
    if bench.arguments.isSet("json") {
      Console.print([
        "device": .string("\(gpu.device)"), "hardware": .string(gpu.hardware),
        "architecture": .int(gpu.architecture), "precision": .string(gpu.precision.rawValue),
        "kernels": .array(results.map(\.json)),
        "differences": .array(differences.map(\.json)),
      ])
    } else {
      Console.write(Grid(results).terminalText())
      Console.print(place(gpu))
      for each in differences {
        Console.print(
          "\(each.pass) \(each.shape), \(each.features) features: other bits in \(each.description)"
        )
      }
    }
    return differences.isEmpty ? .success : .failed
  }

  private static func place(_ backend: any Backend) -> String {
    "on \(backend.device) in \(backend.precision)"
  }
}

extension AttentionTrial.Difference {
  fileprivate var json: JSONValue {
    [
      "pass": .string(pass.rawValue), "shape": .string(shape), "features": .int(features),
      "description": .string(description),
    ]
  }
}

extension AttentionTrial.Result {
  var json: JSONValue {
    [
      "heads": .int(batch.headCount), "features": .int(batch.headSize),
      "texts": .int(batch.lengths.count), "tokens": .int(batch.lengths.reduce(0, +)),
      "longest": .int(batch.lengths.max() ?? 0), "pass": .string(pass.rawValue),
      "shape": .string(shape), "seconds": .double(time / .seconds(1)), "isChosen": .bool(isChosen),
    ]
  }
}

extension TimingResult {
  func json(on backend: any Backend) -> JSONValue {
    [
      "device": .string("\(backend.device)"), "precision": .string(backend.precision.rawValue),
      "operation": .string(name), "size": .string(size), "pass": .string("\(pass)"),
      "medianSeconds": .double(median / .seconds(1)),
      "p90Seconds": .double(percentile90 / .seconds(1)),
      "gigabytesPerSecond": .double(gigabytesPerSecond),
      "gigaFLOPsPerSecond": .double(gigaFLOPsPerSecond),
    ]
  }
}
