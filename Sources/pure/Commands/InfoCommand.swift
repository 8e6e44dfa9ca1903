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
    let (gpus, missing) = findGPUs()
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
      "whyNoGPU": missing.map { .string("\($0)") } ?? nil,
    ]
    if bench.arguments.isSet("json") {
      Console.print(document)
      return .success
    }
    let products =
      library.isBuiltIn
      ? "built-in (no OpenBLAS at \(library.tried); install libopenblas0-pthread for speed)"
      : "\(library.version) at \(library.path)"
    Console.print(
      """
      pure \(Pure.version)
      devices          \((["cpu"] + gpus).joined(separator: ", "))
      processors       \(Host.processorCount), \(Host.instructionSet)
      matrix products  \(products)
      """)
    if let missing { Console.print("no GPU           \(missing)") }
    return .success
  }

  /// The GPUs that can be used, or why there is none.
  private static func findGPUs() -> (found: [String], missing: DeviceError?) {
    var found: [String] = []
    while true {
      do throws(DeviceError) {
        let device = Device.cuda(ordinal: found.count)
        found.append("\(device) (\(try CUDABackend(ordinal: found.count).hardware))")
      } catch {
        return (found, found.isEmpty ? error : nil)
      }
    }
  }
}
