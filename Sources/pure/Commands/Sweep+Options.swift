import CommandLineArguments

extension Command {
  /// `pure sweep PLAN.json --out DIR`.
  static let sweep = Command(
    "sweep",
    summary: "Run what is missing of a plan, then render its tables and report.",
    discussion: """
      A finished stage is kept under DIR/store and never run twice, so an interrupted sweep goes on \
      where it stopped. Results are appended to DIR/records.jsonl; the tables and the report are \
      made from them. Stages are done by worker processes, as many as --workers-per-device for \
      each of --devices; a stage \
      whose worker or device fails is tried once more in a fresh process.
      """,
    operands: [.init("PLAN", help: "The plan, a JSON file such as experiments/plans/demo.json.")],
    options: [
      .text("out", "DIR", .required, help: "Folder for artifacts, records, tables and report."),
      .repeated(
        "set", "NAME=VALUE", help: "Value of a ${NAME} in the plan, such as SST2=/data/SST-2."),
      .flag("dry-run", help: "Show which stages are cached and which would run, and stop."),
      .flag("json", help: "Print JSON lines, one for each cell or, with --dry-run, each stage."),
      .list(
        "devices", "NAMES",
        help: "Devices that work side by side, such as cuda:0,cuda:1, instead of --device; each "
          + "worker has --threads threads or, when that is left out, an equal share of the cores."),
      .integer(
        "workers-per-device", "N", .value("1"), in: 1...64,
        help: "Workers that share each device; small models leave much of a GPU idle, and with "
          + "NVIDIA's MPS (see pure info) their kernels run side by side."),
    ] + Options.device)
}
