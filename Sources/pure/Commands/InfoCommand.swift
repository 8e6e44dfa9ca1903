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
      ],
      "matrixProducts": [
        "library": .string(library.isBuiltIn ? "built-in" : library.version),
        "path": .string(library.path), "tried": .string(library.tried),
      ],
      "devices": .array(["cpu"] + gpus.map(JSONValue.string)),
      "cudaLibraries": .array(libraries.map(\.json)), "notes": .array(notes.map(JSONValue.string)),
      "whyNoGPU": missing.map { .string("\($0)") } ?? nil,
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
    Console.print(
      """
      pure \(Pure.version)
      devices          \((["cpu"] + gpus).joined(separator: ", "))
      processors       \(Host.processorCount), \(Host.instructionSet)
      matrix products  \(products)
      """)
    for library in libraries {
      Console.print("CUDA             \(library.name) \(library.version) at \(library.path)")
    }
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

extension CUDALibrary {
  fileprivate var json: JSONValue {
    ["name": .string(name), "version": .string(version), "path": .string(path)]
  }
}
