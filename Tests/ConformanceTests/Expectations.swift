import Conformance
import Testing

/// Records an issue at the caller's line unless `comparison` passed.
func expectAgreement(
  _ comparison: Comparison, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    comparison.passed, "\(comparison.description)", sourceLocation: sourceLocation)
}

/// The same for a finding.
func expectNothing(_ finding: Finding, sourceLocation: SourceLocation = #_sourceLocation) {
  let failures = finding.failures.joined(separator: "\n")
  #expect(finding.passed, "\(failures)", sourceLocation: sourceLocation)
}
