import Files
import FoundationEssentials

/// The command line: `fuzz READER [CORPUS | INPUT …] [-option=value …]`, options as libFuzzer
/// has them; `fuzz --list` names the readers.
struct FuzzArguments {
  private let program: String
  private let target: any FuzzTarget.Type
  private let others: [String]

  /// The names of all readers.
  static var names: [String] { fuzzTargets.map { $0.name } }

  init(_ words: [String]) throws(InputError) {
    let targets = fuzzTargets + [FaultyTarget.self]
    guard words.count > 1, let target = targets.first(where: { $0.name == words[1] }) else {
      throw InputError(
        .usage, problem: "the first word names no reader",
        remedy: "name one of \(Self.names.joined(separator: ", "))")
    }
    self.target = target
    program = words[0]
    others = Array(words.dropFirst(2))
  }

  /// Makes the reader with a folder of its own, and what libFuzzer begins with.
  func prepare() throws -> (reader: any FuzzTarget, words: [String]) {
    let folder = Path.join(
      FileManager.default.temporaryDirectory.path, "fuzz-\(UUID().uuidString)")
    let place = Path.join(folder, "place")
    try Path.makeDirectory(place)
    let reader = try target.init(in: place)
    return (reader, [program] + (try words(reader, in: folder)))
  }

  private func words(_ reader: any FuzzTarget, in folder: String) throws -> [String] {
    let inputs = others.filter { !$0.hasPrefix("-") }
    // With inputs alone libFuzzer tries just those.
    if !inputs.isEmpty, inputs.allSatisfy(Path.isFile) { return others }
    let (corpus, seeds) = (Path.join(folder, "corpus"), Path.join(folder, "seeds"))
    for path in [corpus, seeds] { try Path.makeDirectory(path) }
    let right = try reader.seeds()
    for (index, seed) in right.enumerated() {
      // All of them must be right, or they teach nothing.
      try reader.read(seed)
      try AtomicFile.write(seed, to: Path.join(seeds, "\(index)"))
    }
    let dictionary = Path.join(folder, "dictionary")
    try AtomicFile.write(Array(FuzzDictionary(right).text.utf8), to: dictionary)
    // What is said later counts, and new inputs go to the first folder.
    return ["-dict=\(dictionary)", "-timeout=60", "-rss_limit_mb=1024"] + others
      + (inputs.isEmpty ? [corpus] : []) + [seeds]
  }
}

/// Words to put into inputs: those of the right ones, and some that have broken readers before.
struct FuzzDictionary {
  private static let hostile = [
    "null", "true", "-1", "0", "1e999", "-0.0", "1.0", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "4294967296", "2147483647", "\"\"", "\"a\"",
    "[]", "{}", "[[]]", "\"\\u0000\"", "\"\\ud800\"", "\"\\u001b[2J\"", "\0", "\r\n", "\t", "\"",
    "\u{FEFF}", "e\u{301}", "é", "../", "${", "%%",
  ]

  private var words: Set<[UInt8]> = Set(Self.hostile.map { Array($0.utf8) })

  init(_ seeds: [[UInt8]]) {
    for seed in seeds {
      // JSON's strings with their quotes, and what stands between blanks.
      let quotes = seed.indices.filter { seed[$0] == UInt8(ascii: "\"") }
      for (start, end) in zip(quotes, quotes.dropFirst()) where end - start < 40 {
        words.insert(Array(seed[start...end]))
      }
      for word in seed.split(whereSeparator: { [0x20, 0x0A, 0x09, 0x2C, 0x3A].contains($0) })
      where word.count < 40 {
        words.insert(Array(word))
      }
    }
  }

  /// As libFuzzer reads it.
  var text: String {
    words.sorted { $0.lexicographicallyPrecedes($1) }.map { word in
      "\"" + word.map { "\\x\(SHA256.hex([$0]))" }.joined() + "\"\n"
    }.joined()
  }
}
