public import Tensors

/// How a case is looked at.
public enum CheckMode: String, CaseIterable, Sendable {
  /// Outputs against the Double reference, guards around every tensor.
  case check
  /// The reference's gradients against finite differences; asks nothing of the backend.
  case gradient
  /// The same bits twice, and for one and two threads.
  case determinism
}

/// What came of one case.
public struct CaseResult: Sendable {
  /// Operation.
  public let name: String
  /// Extents and options.
  public let size: String
  /// How it was looked at.
  public let mode: CheckMode
  /// Every bound was kept.
  public var passed: Bool { failures.isEmpty }
  /// One text for each failure.
  public let failures: [String]
  /// Largest error in units of its bound: at most 1 passes.
  public let worstError: Double
  /// Wall time, references included.
  public let seconds: Double
}

/// Runs the case table on a backend.
public enum Verification {
  /// Runs every case whose operation's name contains `filter`, in all modes, and reports each result as it comes.
  ///
  /// Determinism sets the thread count of the process for a moment: nothing else may use the CPU backend meanwhile.
  @discardableResult
  public static func run(
    on backend: any Backend, cases: [Case] = Case.all, filter: String = "",
    modes: [CheckMode] = CheckMode.allCases, report: (CaseResult) -> Void = { _ in }
  ) throws(DeviceError) -> [CaseResult] {
    var results: [CaseResult] = []
    for candidate in cases where filter.isEmpty || candidate.operationName.contains(filter) {
      for mode in modes where candidate.allows(mode) {
        let result = try candidate.result(of: mode, on: backend)
        results.append(result)
        report(result)
      }
    }
    return results
  }
}

extension Case {
  /// Gradients are compared at small sizes: differences evaluate the reference hundreds of times.
  func allows(_ mode: CheckMode) -> Bool {
    mode != .gradient || (!isRealistic && !operation.gradients.isEmpty)
  }

  func result(of mode: CheckMode, on backend: any Backend) throws(DeviceError) -> CaseResult {
    let start = ContinuousClock.now
    var finding: Finding
    switch mode {
    case .check: finding = try check(on: backend)
    case .gradient: finding = checkGradient()
    case .determinism:
      finding = try checkDeterminism(on: backend)
      finding.failures += try checkThreadIndependence(on: backend).failures
    }
    return CaseResult(
      name: operationName, size: operation.size, mode: mode, failures: finding.failures,
      worstError: finding.worstRatio, seconds: (ContinuousClock.now - start) / .seconds(1))
  }
}
