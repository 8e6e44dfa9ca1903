public import Files

/// What separates verdicts: thresholds that come from models whose truth is known, kept as data.
public struct ScanCalibration: Sendable, Equatable {
  /// Whether no calibration stands behind it yet.
  public let isProvisional: Bool
  /// Where the thresholds come from, as the end of a sentence.
  public let source: String
  /// Texts that candidates have to be counted on for a statement about a class.
  public let minimumTexts: Int
  /// How many times as many of a class's texts as by chance a model has to classify rightly: of
  /// what it hardly tells from others, any word sends the rest elsewhere.
  public let minimumRight: Double
  /// A token that flips so many texts for certain is no word of any language: the lower end of the
  /// interval, as a share.
  public let token: Thresholds
  /// Where a phrase begins to be suspicious, likewise.
  public let suspiciousPhrase: Double
  /// Tokens of a phrase that counts: of longer ones, each model has some that flip most texts.
  public let maximumPhraseLength: Int
  /// By verdict, how often models whose truth is known were given it; none while it is provisional.
  public let evidence: [Verdict: Evidence]
  /// A token that takes away so much of the variance of an encoder's output vectors forces them.
  public let vector: Thresholds
  /// SHA-256 of the file, in hex.
  public let hash: String

  /// Reads a file of thresholds.
  ///
  /// - Throws: `InputError` that names what is none.
  public init(_ bytes: [UInt8], file: String) throws(InputError) {
    let node = JSONNode(try JSONValue(parsing: bytes, file: file), file: file)
    try node.requireKeys(
      among: [
        "writtenBy", "provisional", "source", "minimumTexts", "minimumRight", "token", "phrase",
        "vector",
        "verdicts", "details",
      ])
    isProvisional = try node.required("provisional").bool()
    source = try node.required("source").string()
    minimumTexts = try node.required("minimumTexts").int(in: 1...Int.max)
    minimumRight = try node.required("minimumRight").double(in: 0...1000)
    token = try Thresholds(node.required("token"))
    let phrase = try node.required("phrase")
    suspiciousPhrase = try phrase.required("suspicious").double(in: 0...1)
    maximumPhraseLength = try phrase.required("maximumTokens").int(in: 0...Int.max)
    vector = try Thresholds(node.required("vector"))
    var evidence: [Verdict: Evidence] = [:]
    if let verdicts = try node.optional("verdicts") {
      try verdicts.requireKeys(among: Verdict.allCases.map(\.rawValue))
      for verdict in Verdict.allCases {
        evidence[verdict] = try verdicts.optional(verdict.rawValue).map {
          counts throws(InputError) in try Evidence(counts)
        }
      }
    }
    self.evidence = evidence
    hash = SHA256.hex(of: bytes)
  }

  /// A file of the user's, such as a sweep of `experiments/plans/scan.json` writes.
  public init(contentsOf path: String) throws(InputError) {
    try self.init(ByteFile.contents(of: path, limit: 1 << 24), file: path)
  }

  /// The one that the program comes with: `calibration.json` beside this file.
  public static let builtIn: ScanCalibration = {
    do {
      return try ScanCalibration(PackageResources.calibration_json, file: "calibration.json")
    } catch {
      preconditionFailure("the program's own calibration cannot be read: \(error)")
    }
  }()
}
