import CommandLineArguments
import Files
import Tensors

/// `pure info`: devices, libraries and where they were found, versions, CPU features.
enum InfoCommand {
  static let declaration = Command(
    "info", summary: "Show devices, libraries, versions and CPU features.",
    options: [Options.json])

  static func run(_ bench: Workbench) throws -> ExitCode {
    let library = Host.matrixLibrary
    let (gpus, missing, notes) = findGPUs()
    let libraries = CUDALibrary.found
    let document: JSONValue = [
      "version": .string(Pure.version),
      "cpu": [
        "processors": .int(Host.processorCount), "instructionSet": .string(Host.instructionSet),
        "precisions": .array(Host.precisions.map { .string($0.rawValue) }),
      ],
      "matrixProducts": [
        "library": .string(library.isBuiltIn ? "built-in" : library.version),
        "path": .string(library.path), "tried": .string(library.tried),
      ],
      "devices": .array(["cpu"] + gpus.map(JSONValue.string)),
      "cudaLibraries": .array(libraries.map(\.json)), "notes": .array(notes.map(JSONValue.string)),
      "whyNoGPU": missing.map { .string("\($0)") } ?? nil,
      "mps": gpus.isEmpty ? nil : .bool(MultiProcessService.isRunning),
    ]
    if bench.arguments.isSet("json") {
      Console.print(document)
      return .success
    }
    let products =
      !library.isBuiltIn
      ? "\(library.version) at \(library.path)"
      : library.tried.isEmpty
        ? "built-in"
        : "built-in (no OpenBLAS at \(library.tried))"
    let precisions = Host.precisions.map(\.rawValue).joined(separator: " and ")
    Console.print(
      """
      pure \(Pure.version)
      devices          \((["cpu"] + gpus).joined(separator: ", "))
      processors       \(Host.processorCount), \(Host.instructionSet), \(precisions)
      matrix products  \(products)
      """)
    for library in libraries {
      Console.print("CUDA             \(library.name) \(library.version) at \(library.path)")
    }
    if !gpus.isEmpty { Console.print("MPS              \(MultiProcessService.summary)") }
    for note in notes { Console.print("note             \(note)") }
    if let missing { Console.print("no GPU           \(missing)") }
    return .success
  }

  /// The GPUs that can be used, why there is no other where there is none, and what they had to say.
  private static func findGPUs() -> (found: [String], missing: DeviceError?, notes: [String]) {
    var (found, notes): ([String], [String]) = ([], [])
    while true {
      do throws(DeviceError) {
        let backend = try CUDABackend(ordinal: found.count)
        try backend.probe()
        found.append("\(backend.device) (\(backend.hardware))")
        if let note = backend.note, !notes.contains(note) { notes.append(note) }
      } catch {
        return (found, found.isEmpty ? error : nil, notes)
      }
    }
  }
}

/// NVIDIA's MPS, by which the kernels of several processes run on one GPU at once instead of in turn.
private enum MultiProcessService {
  /// Where its control daemon listens.
  private static var folder: String {
    Environment.variables["CUDA_MPS_PIPE_DIRECTORY"] ?? "/tmp/nvidia-mps"
  }

  static var isRunning: Bool { Path.exists(Path.join(folder, "control")) }

  static var summary: String {
    isRunning
      ? "runs, by \(Terminal.escaped(folder)): workers that share a GPU compute side by side"
      : "does not run: workers that share a GPU take turns; nvidia-cuda-mps-control -d starts it"
  }
}

extension CUDALibrary {
  fileprivate var json: JSONValue {
    ["name": .string(name), "version": .string(version), "path": .string(path)]
  }
}
