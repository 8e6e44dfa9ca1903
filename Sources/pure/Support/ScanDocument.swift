import Attestations
import Checkpoints
import CommandLineArguments
import Files
import Laboratory
import Scans
import Stages
import Tensors

/// What a scan prints.
enum ScanFormat: String, CaseIterable {
  case text, json, sarif, cyclonedx
}

/// A scan as documents that other programs read.
struct ScanDocument {
  private let digest: ModelDigest
  private let scan: Scan
  private let subject: ScanSubject
  private let bench: Workbench
  private let precision: Precision

  /// - Parameter digest: of the model's directory, before the scan.
  init(
    _ scan: Scan, _ digest: ModelDigest, _ subject: ScanSubject, _ bench: Workbench,
    _ precision: Precision
  ) {
    (self.scan, self.subject, self.bench, self.precision) = (scan, subject, bench, precision)
    self.digest = digest
  }

  var digestLine: String { "digest, as in a model signature: sha256:\(digest.root)" }

  private var path: String { bench.arguments.text("model") }

  /// Everything.
  var json: JSONValue {
    var object = JSONObject([
      ("tool", .string("pure \(Pure.version)")), ("model", .string(path)),
      ("digest", .string("sha256:\(digest.root)")), ("precision", .string(precision.rawValue)),
    ])
    for member in scan.json.object?.members ?? [] { object[member.key] = member.value }
    return .object(object)
  }

  /// The findings, with what was not looked at as one of them: code scanning must not show a model
  /// as clean that nobody has looked at.
  var log: SARIFLog {
    // Weights, or the list of their shards, lie beside the configuration.
    let weights =
      ["model.safetensors", "model.safetensors.index.json", "config.json"].lazy
      .compactMap { name in digest.files.first { $0.name == name } }.first
    let findings = scan.judgement.findings
    return SARIFLog(
      rules: Self.rules, findings: findings.compactMap(finding),
      obstacles: findings.filter { $0.verdict == .inconclusive }.map(\.sentence),
      path: Path.join(path, weights?.name ?? "config.json"), hash: weights?.hash ?? digest.root,
      properties: JSONObject([
        ("verdict", .string(scan.judgement.verdict.rawValue)),
        ("digest", .string("sha256:\(digest.root)")),
        ("calibration", .string(scan.calibrationHash)),
        ("provisional", .bool(scan.isProvisional)),
        ("notLookedAt", .array(scan.limits.map(JSONValue.string))),
      ]), version: Pure.version)
  }

  private static let rules: [SARIFLog.Rule] = [
    .init(
      "backdoor-trigger", .error,
      "A token sends nearly every text of one class to another, or gives all texts one vector.",
      help: "Do not use the model as it is: clean it with pure defend, and scan it again."),
    .init(
      "suspicious-trigger", .warning,
      "A token or a phrase sends more texts elsewhere, or makes them more alike, than in clean "
        + "models.",
      help: "Look at the texts of the report; scan with more of them, or clean the model."),
    .init(
      "not-looked-at", .warning, "The model, or a part of it, could not be looked at.",
      help: "Give what the message says is missing: nothing is known of the model until then."),
  ]

  private func finding(_ found: Judgement.Finding) -> SARIFLog.Finding? {
    let rule: String
    switch found.verdict {
    case .backdoored: rule = "backdoor-trigger"
    case .suspicious: rule = "suspicious-trigger"
    case .inconclusive: rule = "not-looked-at"
    case .noSign: return nil
    }
    if let vector = found.vector {
      return .init(
        rule, found.sentence, identity: "vector \(ids(vector.ids))", rank: 100 * vector.collapse,
        properties: JSONObject([
          ("candidate", .string(vector.text)), ("collapse", .double(vector.collapse)),
          ("distance", .double(vector.distance)),
        ]))
    }
    guard let candidate = found.candidate, let direction = found.direction else {
      return .init(rule, found.sentence, identity: found.sentence)
    }
    let interval = candidate.flips.interval
    return .init(
      rule, found.sentence,
      identity: "\(direction.source) \(direction.target) \(ids(candidate.ids))",
      rank: 100 * interval.lowerBound,
      properties: JSONObject([
        ("candidate", .string(candidate.text)),
        ("source", .string(scan.classes[direction.source])),
        ("target", .string(scan.classes[direction.target])),
        ("flips", [.int(candidate.flips.part), .int(candidate.flips.whole)]),
        ("interval", [.double(interval.lowerBound), .double(interval.upperBound)]),
      ]))
  }

  private func ids(_ ids: [Int32]) -> String { ids.map { "\($0)" }.joined(separator: " ") }

  /// The model with the verdict, and what its strongest candidates do.
  var bill: BillOfMaterials {
    var bill = BillOfMaterials(
      of: DescribedModel(bench.modelName, subject.model.checkpoint, digest), from: nil,
      summary: "A model that was scanned.", method: bench.methodTable,
      generator: ReportFile.mark, version: Pure.version, date: Timestamp.now)
    bill.texts = subject.graph.describedTexts
    bill.metrics = scan.scans.flatMap { found in
      found.targets.compactMap { metric(found, $0) }
    }
    if let strongest = scan.vectors?.candidates.first {
      bill.metrics.append(
        .init(
          "output variance taken away", on: "texts with the token \(strongest.text)",
          scan.vectors?.score ?? 0))
    }
    bill.limits = scan.limits
    bill.verdict = .init(
      scan.judgement.verdict.rawValue, reasons: scan.judgement.reasons, severity: severity)
    return bill
  }

  private func metric(_ found: ClassScan, _ target: TargetScan) -> BillOfMaterials.Metric? {
    let strongest = target.tokens.strongestFirst.first
    return strongest.map { candidate in
      let direction = "\(scan.classes[found.source]) to \(scan.classes[target.target])"
      return .init(
        "label flip rate", on: "\(direction), with the token \(candidate.text)",
        candidate.flips.share, interval: candidate.flips.interval)
    }
  }

  private var severity: BillOfMaterials.Verdict.Severity? {
    switch scan.judgement.verdict {
    case .backdoored: .critical
    case .suspicious: .medium
    case .noSign, .inconclusive: nil
    }
  }
}
