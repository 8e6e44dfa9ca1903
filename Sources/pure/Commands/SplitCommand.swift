import CommandLineArguments
import Files
import Text

/// `pure split`: parts of a data set as it was published.
enum SplitCommand {
  static let declaration = Command(
    "split", summary: "Split a data set into parts to train, choose and measure on.",
    discussion: """
      Rows are drawn and ordered as by Hugging Face's datasets: with --draw by \
      shuffle(seed).select(range(N)), then by train_test_split(seed), whose test texts are dev here. \
      With a third size there is test as well. Labels play no part in it. The parts are .tsv, or \
      .jsonl where .tsv would lose something of a text: tabs, line ends, blanks at its ends. \
      split.json says how they came about.
      """,
    options: [
      .text(
        "data", "FILE", .required, help: "Labelled texts: a file, or a folder with neg and pos."),
      .list(
        "shares", "SHARES",
        help:
          "Shares of train, dev and, if it is named, test, such as 0.9,0.1. The first is rounded "
          + "down, the others up; if they add up to 1, dev is all that is left."),
      .list("counts", "COUNTS", help: "Numbers of texts instead of shares."),
      .integer("draw", "N", in: 1...Int.max, help: "Draw so many texts first, and split these."),
      .flag(
        "flatten",
        help: "Write each run of blanks, tabs and line ends in a text as one blank, so that the "
          + "parts are .tsv."),
      .text("out", "DIR", .required, help: "Folder to write; it must not exist or be empty."),
      .integer(
        "seed", "N", .value("11"), in: 0...Int.max, help: "Seed of numpy's default_rng.",
        environment: "PURE_SEED"),
    ] + Options.data)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let split = try split(bench)
    let path = bench.arguments.text("out")
    try Path.makeDirectory(Path.parent(of: path))
    let place = try Place(path)
    try place.removeLeftovers()
    let directory = try AtomicDirectory(path)
    let whole = try bench.dataset(bench.arguments.text("data"))
    let flattens = bench.arguments.isSet("flatten")
    let parts = try whole.parts(of: split).mapValues { flattens ? $0.flattened : $0 }
    let ending = parts.values.allSatisfy(\.fitsTabs) ? "tsv" : "jsonl"
    func name(_ part: DatasetSplit.Part) -> String { "\(part.rawValue).\(ending)" }
    var files = JSONObject()
    for part in split.parts {
      guard let data = parts[part] else { preconditionFailure("\(part) is none of the parts") }
      try data.write(to: Path.join(directory.partialPath, name(part)))
      let counts = data.labels.names.enumerated().map { label, name in
        (name, JSONValue.int(data.examples.count { $0.label == label }))
      }
      files[name(part)] = [
        "count": .int(data.count), "labels": .object(JSONObject(counts)),
      ]
    }
    var record = JSONObject([
      ("tool", .string("pure \(Pure.version)")), ("source", .string(whole.source)),
      ("sha256", .string(try Dataset.contentHash(of: whole.source))), ("count", .int(whole.count)),
    ])
    for member in split.json.members { record[member.key] = member.value }
    if flattens { record["flatten"] = true }
    record["files"] = .object(files)
    try directory.write(
      JSONValue.object(record).serialized(.pretty) + [0x0A], as: "split.json")
    try place.requireHeld()
    try directory.commit()
    for part in split.parts {
      let count = parts[part]?.count ?? 0
      Console.print(
        "\(count) texts written to "
          + Terminal.escaped(Path.join(directory.path, name(part))))
    }
    return .success
  }

  private static func split(_ bench: Workbench) throws -> DatasetSplit {
    let (shares, counts) = (bench.arguments.list("shares"), bench.arguments.list("counts"))
    guard shares.isEmpty != counts.isEmpty else {
      throw InputError(
        .usage, problem: "a split needs either --shares or --counts", remedy: "give one of them")
    }
    return try DatasetSplit(
      counts.isEmpty
        ? .shares(numbers(shares, of: "shares", Double.init))
        : .counts(numbers(counts, of: "counts") { Int($0) }),
      seed: bench.seed, drawn: bench.arguments.optionalInteger("draw"))
  }

  private static func numbers<Number>(
    _ texts: [String], of option: String, _ read: (String) -> Number?
  ) throws -> [Number] {
    try texts.map { text in
      guard let number = read(text) else {
        throw InputError(
          .usage, problem: "--\(option) has \"\(text)\", which is no number it can take",
          remedy: "see `pure split --help`")
      }
      return number
    }
  }
}
