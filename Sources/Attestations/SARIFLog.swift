public import Files

/// What was found in a file, as tools for code scanning read it: SARIF 2.1.0, with all that
/// GitHub asks for.
///
/// Format: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
public struct SARIFLog: Sendable {
  /// A kind of finding.
  public struct Rule: Sendable {
    /// Never changes its meaning, such as `backdoor-token`.
    public var id: String
    /// What such a finding is, in a sentence.
    public var summary: String
    /// What to do about it.
    public var help: String
    /// How bad it is.
    public var level: Level

    /// A rule by its parts.
    public init(_ id: String, _ level: Level, _ summary: String, help: String) {
      (self.id, self.level, self.summary, self.help) = (id, level, summary, help)
    }
  }

  /// How bad a finding is.
  public enum Level: String, Sendable {
    case error, warning, note

    /// From 0 to 10, as GitHub ranks what concerns security.
    fileprivate var severity: String {
      switch self {
      case .error: "9.0"
      case .warning: "6.0"
      case .note: "1.0"
      }
    }
  }

  /// Something that was found.
  public struct Finding: Sendable {
    /// One of the log's rules.
    public var rule: String
    /// In a sentence.
    public var message: String
    /// What makes it the same finding in the next scan.
    public var identity: String
    /// From 0 to 100, the most certain ones highest; nil where it is no matter of degree.
    public var rank: Double?
    /// What programs may want to know.
    public var properties: JSONObject

    /// A finding by its parts.
    public init(
      _ rule: String, _ message: String, identity: String, rank: Double? = nil,
      properties: JSONObject = JSONObject()
    ) {
      (self.rule, self.message, self.identity) = (rule, message, identity)
      (self.rank, self.properties) = (rank, properties)
    }
  }

  /// All kinds of findings that there could have been.
  public var rules: [Rule]
  /// What there was.
  public var findings: [Finding]
  /// Why something was not looked at, a sentence each: the log is not complete then.
  public var obstacles: [String]
  /// Where the file lies that they are about.
  public var path: String
  /// SHA-256 of the file, 64 hexadecimal digits.
  public var hash: String
  /// What the whole came to.
  public var properties: JSONObject
  private let version: String

  /// A log by its parts.
  ///
  /// - Parameter version: of this program.
  public init(
    rules: [Rule], findings: [Finding], obstacles: [String], path: String, hash: String,
    properties: JSONObject, version: String
  ) {
    (self.rules, self.findings, self.obstacles) = (rules, findings, obstacles)
    (self.path, self.hash, self.properties) = (path, hash, properties)
    self.version = version
  }

  /// The whole log.
  public var json: JSONValue {
    [
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
      "runs": [
        [
          "tool": [
            "driver": [
              "name": "Pure", "version": .string(version),
              "rules": .array(rules.map(\.json)),
            ]
          ],
          "invocations": [
            [
              "executionSuccessful": .bool(obstacles.isEmpty),
              "toolExecutionNotifications": .array(
                obstacles.map { ["level": "warning", "message": Self.message($0)] }),
            ]
          ],
          "artifacts": [["location": location, "hashes": ["sha-256": .string(hash)]]],
          "results": .array(findings.map(result)),
          "properties": .object(properties),
        ]
      ],
    ]
  }

  private func result(_ finding: Finding) -> JSONValue {
    guard let index = rules.firstIndex(where: { $0.id == finding.rule }) else {
      preconditionFailure("\(finding.rule) is none of the log's rules")
    }
    let identity = SHA256.hex(of: Array((finding.rule + "\n" + finding.identity).utf8))
    var result = JSONObject([
      ("ruleId", .string(finding.rule)), ("ruleIndex", .int(index)),
      ("level", .string(rules[index].level.rawValue)), ("message", Self.message(finding.message)),
      (
        "locations",
        [["physicalLocation": ["artifactLocation": location, "region": ["startLine": 1]]]]
      ),
      // GitHub tells findings of one place apart by this one.
      ("partialFingerprints", ["primaryLocationLineHash": .string("\(identity.prefix(16)):1")]),
      ("properties", .object(finding.properties)),
    ])
    if let rank = finding.rank { result["rank"] = .double(rank) }
    return .object(result)
  }

  private static func message(_ text: String) -> JSONValue {
    ["text": .string(Terminal.sanitized(text))]
  }

  /// A reference as RFC 3986 has it: relative paths stay relative, without the dots that name the
  /// folder they are in, by which GitHub would know no file.
  private var location: JSONValue {
    let parts = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    let path = (path.hasPrefix("/") ? "/" : "") + parts
    let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
    let encoded = path.utf8.map { byte in
      allowed.contains(byte)
        ? String(decoding: [byte], as: UTF8.self) : "%" + SHA256.hex([byte]).uppercased()
    }
    return ["uri": .string((path.hasPrefix("/") ? "file://" : "") + encoded.joined())]
  }
}

extension SARIFLog.Rule {
  fileprivate var json: JSONValue {
    [
      "id": .string(id), "shortDescription": ["text": .string(summary)],
      "help": ["text": .string(help)],
      "defaultConfiguration": ["level": .string(level.rawValue)],
      "properties": [
        "tags": ["security", "backdoor"], "security-severity": .string(level.severity),
      ],
    ]
  }
}
