public import Tensors

/// How fast one pass of one case ran.
public struct TimingResult: Sendable {
  /// Operation.
  public let name: String
  /// Extents and options.
  public let size: String
  /// Which half.
  public let pass: Pass
  /// Wall time of half of the runs or less.
  public let median: Duration
  /// Wall time of nine tenths of the runs or less.
  public let percentile90: Duration
  /// Runs that were timed.
  public let runCount: Int
  /// What one run must do at least.
  public let cost: Cost

  /// At the median.
  public var gigabytesPerSecond: Double { cost.traffic.giga(per: median) }
  /// At the median.
  public var gigaFLOPsPerSecond: Double { cost.work.giga(per: median) }
}

/// A case that may not be timed, because it computes something wrong.
public struct IncorrectCase: Error, CustomStringConvertible {
  /// The case.
  public let name: String
  /// What is wrong with it.
  public let failures: [String]
  /// One sentence and the details.
  public var description: String {
    "\(name) is not timed, because it is wrong: \(failures.joined(separator: "; "))"
  }
}

/// Runs cases against the clock.
public enum Timing {
  /// Times every realistic case whose operation's name contains `filter`, after it has passed its check.
  ///
  /// - Throws: `IncorrectCase`, or `DeviceError` when the device fails.
  @discardableResult
  public static func run(
    on backend: any Backend, cases: [Case] = Case.all.filter(\.isRealistic), filter: String = "",
    budget: Duration = .milliseconds(500), report: (TimingResult) -> Void = { _ in }
  ) throws -> [TimingResult] {
    var results: [TimingResult] = []
    for candidate in cases where filter.isEmpty || candidate.operationName.contains(filter) {
      let finding = try candidate.check(on: backend)
      guard finding.passed else {
        throw IncorrectCase(name: candidate.description, failures: finding.failures)
      }
      for result in try candidate.time(on: backend, budget: budget) {
        results.append(result)
        report(result)
      }
    }
    return results
  }
}

extension Case {
  /// Fewest runs that a median and a ninth decile can be taken of.
  private static let fewestRuns = 10
  private static let mostRuns = 1000

  /// Times each pass: a tenth of `budget` to warm up, then as many runs as fit into it. Tensors that a pass works on in
  /// place drift from run to run but stay finite.
  func time(on backend: any Backend, budget: Duration) throws(DeviceError) -> [TimingResult] {
    let workspace = try Workspace(
      inputs: inputs, outputs: operation.outputs, on: backend, guardCount: Workspace.aligned)
    var results: [TimingResult] = []
    for pass in operation.passes {
      _ = try durations(of: pass, on: backend, in: workspace, budget: budget / 10)
      let sorted = try durations(of: pass, on: backend, in: workspace, budget: budget).sorted()
      results.append(
        TimingResult(
          name: operationName, size: operation.size, pass: pass, median: sorted[sorted.count / 2],
          percentile90: sorted[sorted.count * 9 / 10], runCount: sorted.count,
          cost: operation.cost(of: pass)))
    }
    return results
  }

  private func durations(
    of pass: Pass, on backend: any Backend, in workspace: Workspace, budget: Duration
  ) throws(DeviceError) -> [Duration] {
    var durations: [Duration] = []
    var spent = Duration.zero
    while durations.count < Self.fewestRuns || (spent < budget && durations.count < Self.mostRuns) {
      let start = ContinuousClock.now
      try operation.run(pass, on: backend, in: workspace)
      try backend.synchronize()
      let duration = ContinuousClock.now - start
      durations.append(duration)
      spent += duration
    }
    return durations
  }
}
