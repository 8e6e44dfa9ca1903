public import Tensors

/// What a check found: nothing, or one text for each failure.
public struct Finding: Sendable {
  /// Largest error in units of its bound.
  public internal(set) var worstRatio = 0.0
  /// One text for each thing that is wrong.
  public internal(set) var failures: [String] = []
  /// Nothing is wrong.
  public var passed: Bool { failures.isEmpty }

  mutating func include(_ comparison: Comparison) {
    worstRatio = max(worstRatio, comparison.worstRatio)
    if !comparison.passed { failures.append(comparison.description) }
  }
}

extension Case {
  /// Runs every pass and holds each output against the Double reference; guards must stand and inputs must stay.
  public func check(on backend: any Backend) throws(DeviceError) -> Finding {
    let inputs = self.inputs
    let reference = operation.reference(Values<Double>(inputs))
    let needsNaive = operation.outputs.contains {
      if case .relativeToNaive = $0.tolerance { true } else { false }
    }
    let naive =
      needsNaive
      ? operation.naive(Values<Float>(inputs, precision: backend.precision)) : Outcome<Float>()
    let workspace = try Workspace(inputs: inputs, outputs: operation.outputs, on: backend)
    var finding = Finding()
    for pass in operation.passes {
      try operation.run(pass, on: backend, in: workspace)
      for output in operation.outputs where output.pass == pass {
        guard let expected = reference.values[output.name] else {
          preconditionFailure("\(self) has no reference for \(output.name)")
        }
        let tensor = workspace[output.name]
        finding.include(
          Comparison(
            output.name, actual: try tensor.hostFloats(), shape: tensor.shape, expected: expected,
            expectedShape: output.shape, tolerance: output.tolerance,
            magnitudes: reference.magnitudes[output.name], naive: naive.values[output.name],
            factorError: Tolerance.relativeError(
              factors: output.roundedFactors, in: backend.precision)))
      }
    }
    finding.failures += try workspace.violations()
    return finding
  }

  /// Runs twice and asks for the same bits.
  public func checkDeterminism(on backend: any Backend) throws(DeviceError) -> Finding {
    compare(try bits(on: backend), try bits(on: backend), "a second run")
  }

  /// Runs with one, two and seven threads and asks for the same bits. Sets the thread count of the whole process and
  /// puts it back; nothing else may use the CPU backend meanwhile.
  public func checkThreadIndependence(on backend: any Backend) throws(DeviceError) -> Finding {
    guard backend.device == .cpu, operation.isIndependentOfThreads else { return Finding() }
    let before = Host.threadCount
    defer { Host.threadCount = before }
    Host.threadCount = 1
    let alone = try bits(on: backend)
    var finding = Finding()
    for count in [2, 7] {
      Host.threadCount = count
      finding.failures +=
        compare(
          alone, try bits(on: backend), "a run with \(count) threads"
        ).failures
    }
    return finding
  }

  private func bits(on backend: any Backend) throws(DeviceError) -> [String: [UInt32]] {
    let workspace = try Workspace(inputs: inputs, outputs: operation.outputs, on: backend)
    for pass in operation.passes { try operation.run(pass, on: backend, in: workspace) }
    var bits: [String: [UInt32]] = [:]
    for output in operation.outputs {
      bits[output.name] = try Workspace.bits(of: workspace[output.name])
    }
    return bits
  }

  private func compare(
    _ first: [String: [UInt32]], _ second: [String: [UInt32]], _ what: String
  ) -> Finding {
    var finding = Finding()
    for (name, bits) in first.sorted(by: { $0.key < $1.key }) where bits != second[name] {
      let different = zip(bits, second[name] ?? []).count { $0 != $1 }
      finding.failures.append("\(name): \(what) gives \(different) other elements")
    }
    return finding
  }
}
