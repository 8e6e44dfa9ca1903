import CommandLineArguments
import Files
import Laboratory

/// `pure report`: tables, figures and report of records alone.
enum ReportCommand {
  static let declaration = Command(
    "report", summary: "Render a plan's tables, figures and report from records alone.",
    discussion: """
      Nothing is run, and neither models nor texts are read: of each run of the plan the newest \
      record counts, and that its data and settings are the plan's is for the user to know. With \
      --into, the marked blocks of a Markdown file are written anew: what stands between the lines \
      <!-- pure: NAME --> and <!-- pure --> becomes the table or figure of that id, or, for the \
      name runs, a sentence on what there are records of.
      """,
    operands: [.init("PLAN", help: "The plan, a JSON file such as experiments/plans/demo.json.")],
    options: [
      .repeated("records", "FILE", help: "records.jsonl of a sweep; later ones count for more."),
      .repeated("set", "NAME=VALUE", help: "Value of a ${NAME} in the plan; it need not exist."),
      .text("out", "DIR", help: "Folder for tables, figures and report."),
      .text("into", "FILE", help: "Markdown file whose marked blocks are written anew."),
    ])

  static func run(_ bench: Workbench) throws -> ExitCode {
    let arguments = bench.arguments
    let (directory, file) = (arguments.optionalText("out"), arguments.optionalText("into"))
    guard directory != nil || file != nil else {
      throw InputError(
        .usage, problem: "there is nothing to write", remedy: "give --out, --into or both")
    }
    let plan = try Plan(contentsOf: arguments.operand("PLAN"), setting: arguments.list("set"))
    let files = arguments.list("records")
    guard !files.isEmpty else {
      throw InputError(.usage, problem: "there are no records", remedy: "name some with --records")
    }
    var records: [RunRecord] = []
    for path in files {
      guard Path.isFile(path) else {
        throw InputError(file: path, problem: "does not exist", remedy: "check the path")
      }
      records += try RecordFile(path).records(noting: Console.note)
    }
    let report = SweepReport(plan, records)
    if let directory {
      try Path.makeDirectory(directory)
      try report.requirePlaces(in: directory)
    }
    if let file {
      let place = try Place(file)
      guard let text = String(validating: try ByteFile.contents(of: file), as: UTF8.self) else {
        throw InputError(
          file: file, problem: "is not UTF-8 text", remedy: "save it as UTF-8, and run again")
      }
      let blocks = try report.blocks(in: text, file: file)
      try place.requireHeld()
      try AtomicFile.write(Array(blocks.utf8), to: file)
    }
    if let directory { try report.write(to: directory) }
    Console.print(report.terminalText)
    return .success
  }
}
