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
    let document: JSONValue = [
      "version": .string(Pure.version),
      "cpu": [
        "processors": .int(Host.processorCount), "instructionSet": .string(Host.instructionSet),
      ],
      "matrixProducts": [
        "library": .string(library.isBuiltIn ? "built-in" : library.version),
        "path": .string(library.path), "tried": .string(library.tried),
      ],
      "devices": .array(["cpu"]),
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
      devices          cpu
      processors       \(Host.processorCount), \(Host.instructionSet)
      matrix products  \(products)
      """)
    return .success
  }
}
