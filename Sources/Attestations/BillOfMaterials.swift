public import Files

/// What a model is, what it was made of and how it turned out, as a CycloneDX 1.7 document: what
/// supply-chain tools read of a model.
///
/// Format: <https://cyclonedx.org/docs/1.7/json/>.
public struct BillOfMaterials: Sendable {
  /// A set of texts.
  public struct Texts: Sendable {
    /// What it was used for, such as `train`.
    public var role: String
    /// The name of its file.
    public var name: String
    /// SHA-256 of its content, 64 hexadecimal digits.
    public var hash: String

    /// Texts by their parts.
    public init(role: String, name: String, hash: String) {
      self.role = role
      self.name = name
      self.hash = hash
    }
  }

  /// Something that was measured.
  public struct Metric: Sendable {
    /// Such as `accuracy`.
    public var type: String
    /// On which texts.
    public var slice: String
    /// From 0 to 1.
    public var value: Double
    /// A confidence interval of it.
    public var interval: ClosedRange<Double>?

    /// A metric by its parts.
    public init(
      _ type: String, on slice: String, _ value: Double, interval: ClosedRange<Double>? = nil
    ) {
      self.type = type
      self.slice = slice
      self.value = value
      self.interval = interval
    }
  }

  /// What somebody who looked at the model came to.
  public struct Verdict: Sendable {
    /// In a word or two.
    public var name: String
    /// Why, a sentence each.
    public var reasons: [String]
    /// How bad it is; nil for what is no vulnerability.
    public var severity: Severity?

    /// What it means for whoever uses the model.
    public enum Severity: String, Sendable {
      case critical, medium
    }

    /// A verdict by its parts.
    public init(_ name: String, reasons: [String], severity: Severity?) {
      (self.name, self.reasons, self.severity) = (name, reasons, severity)
    }
  }

  /// The model that it is about.
  public var model: DescribedModel
  /// What it was made of.
  public var ancestor: DescribedModel?
  /// What it is, in a sentence.
  public var summary: String
  /// The method and its settings, in order.
  public var method: [(name: String, value: String)]
  /// The texts that it was made with.
  public var texts: [Texts] = []
  /// What was measured of it.
  public var metrics: [Metric] = []
  /// What it cannot do or was not tested for, a sentence each.
  public var limits: [String] = []
  /// What a scan came to.
  public var verdict: Verdict?
  private let generator: String
  private let version: String
  private let date: String

  /// A document without texts, metrics and limits.
  ///
  /// - Parameters:
  ///   - generator: marks what this program has made.
  ///   - version: of this program.
  ///   - date: when it is made, as ISO 8601 has it.
  public init(
    of model: DescribedModel, from ancestor: DescribedModel?, summary: String,
    method: [(name: String, value: String)], generator: String, version: String, date: String
  ) {
    self.model = model
    self.ancestor = ancestor
    self.summary = summary
    self.method = method
    self.generator = generator
    self.version = version
    self.date = date
  }

  /// The whole document.
  public var text: String { json.text(.pretty) + "\n" }

  /// The same as a value.
  public var json: JSONValue {
    var component = self.component(model, reference: "model")
    component["description"] = .string(Terminal.sanitized(summary))
    if let ancestor {
      component["pedigree"] = [
        "ancestors": [.object(self.component(ancestor, reference: "ancestor"))]
      ]
    }
    component["components"] = .array(model.digest.files.map(Self.component))
    component["modelCard"] = .object(card)
    component["properties"] = .array(method.map { Self.property($0.name, $0.value) })
    var document = JSONObject([
      ("$schema", "http://cyclonedx.org/schema/bom-1.7.schema.json"),
      ("bomFormat", "CycloneDX"), ("specVersion", "1.7"), ("version", 1),
      ("serialNumber", .string(serialNumber(of: component))),
      (
        "metadata",
        [
          "timestamp": .string(date), "tools": ["components": [.object(tool)]],
          "component": .object(component),
        ]
      ),
    ])
    if let verdict {
      document["annotations"] = [annotation(verdict)]
      if let severity = verdict.severity {
        document["vulnerabilities"] = [vulnerability(verdict, severity)]
      }
    }
    return .object(document)
  }

  private var tool: JSONObject {
    JSONObject([
      ("type", "application"), ("bom-ref", .string(generator)), ("name", "pure"),
      ("version", .string(version)),
    ])
  }

  private func annotation(_ verdict: Verdict) -> JSONValue {
    var annotator = tool
    // A reference names one component alone.
    annotator["bom-ref"] = nil
    return [
      "subjects": ["model"], "annotator": ["component": .object(annotator)],
      "timestamp": .string(date),
      "text": .string(
        Terminal.sanitized("Scan: \(verdict.name). " + verdict.reasons.joined(separator: "; "))),
    ]
  }

  private func vulnerability(_ verdict: Verdict, _ severity: Verdict.Severity) -> JSONValue {
    [
      "bom-ref": "backdoor", "id": "PURE-BACKDOOR", "source": ["name": "pure scan"],
      "description": .string("The model may carry a backdoor: \(verdict.name)."),
      "detail": .string(Terminal.sanitized(verdict.reasons.joined(separator: "\n"))),
      "recommendation": "Do not use it as it is: clean it with pure defend, and scan again.",
      "ratings": [["severity": .string(severity.rawValue), "method": "other"]],
      "analysis": ["state": .string(severity == .critical ? "exploitable" : "in_triage")],
      "affects": [["ref": "model"]],
    ]
  }

  /// The same for the same content (RFC 9562, version 8).
  private func serialNumber(of component: JSONObject) -> String {
    let content =
      JSONValue.object(component).text()
      + (verdict.map { $0.name + $0.reasons.joined() } ?? "")
    var digits = Array(SHA256.hex(of: Array(content.utf8)).utf8.prefix(32))
    digits[12] = UInt8(ascii: "8")
    digits[16] = UInt8(ascii: "a")
    let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map {
      String(decoding: digits[$0], as: UTF8.self)
    }
    return "urn:uuid:" + parts.joined(separator: "-")
  }

  private func component(_ model: DescribedModel, reference: String) -> JSONObject {
    var component = JSONObject([
      ("type", "machine-learning-model"), ("bom-ref", .string(reference)),
      ("name", .string(Terminal.sanitized(model.name))),
      ("hashes", Self.hashes(model.digest.root)),
    ])
    if let license = model.license {
      component["licenses"] = [["license": ["name": .string(license)]]]
    }
    return component
  }

  private static func component(_ file: ModelDigest.File) -> JSONValue {
    [
      "type": "file", "name": .string(Terminal.sanitized(file.name)), "hashes": hashes(file.hash),
    ]
  }

  private static func hashes(_ hash: String) -> JSONValue {
    [["alg": "SHA-256", "content": .string(hash)]]
  }

  private static func property(_ name: String, _ value: String) -> JSONValue {
    ["name": .string("pure:\(name)"), "value": .string(Terminal.sanitized(value))]
  }

  private var card: JSONObject {
    var parameters = JSONObject([
      ("approach", ["type": "supervised"]), ("architectureFamily", "transformer"),
    ])
    if model.isClassifier { parameters["task"] = "text-classification" }
    if let architecture = model.architecture {
      parameters["modelArchitecture"] = .string(Terminal.sanitized(architecture))
    }
    if !texts.isEmpty {
      parameters["datasets"] = .array(
        texts.map { texts in
          [
            "type": "dataset", "name": .string(Terminal.sanitized(texts.name)),
            "description": .string(texts.role),
            "contents": ["properties": [Self.property("sha256", texts.hash)]],
          ]
        })
    }
    var card = JSONObject([("modelParameters", .object(parameters))])
    if !metrics.isEmpty {
      card["quantitativeAnalysis"] = ["performanceMetrics": .array(metrics.map(\.json))]
    }
    if !limits.isEmpty {
      card["considerations"] = [
        "technicalLimitations": .array(limits.map { .string(Terminal.sanitized($0)) })
      ]
    }
    return card
  }
}

extension BillOfMaterials.Metric {
  fileprivate var json: JSONValue {
    var metric = JSONObject([
      ("type", .string(type)), ("value", .string("\(value)")),
      ("slice", .string(Terminal.sanitized(slice))),
    ])
    if let interval {
      metric["confidenceInterval"] = [
        "lowerBound": .string("\(interval.lowerBound)"),
        "upperBound": .string("\(interval.upperBound)"),
      ]
    }
    return .object(metric)
  }
}
