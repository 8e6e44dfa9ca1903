import Conformance
import Laboratory

extension Grid {
  /// What verification found.
  init(_ results: [CaseResult]) {
    self.init(
      columns: [
        .text("operation"), .text("size"), .text("mode"), .text("result"),
        .number("error / bound"), .number("ms"),
      ],
      sections: [
        Section(
          rows: results.map { result in
            [
              result.name, result.size, result.mode.rawValue, result.passed ? "passed" : "FAILED",
              result.mode == .determinism ? "" : fixed(result.worstError, 3),
              fixed(result.seconds * 1000, 1),
            ]
          })
      ])
  }

  /// How fast cases ran.
  init(_ results: [TimingResult]) {
    self.init(
      columns: [
        .text("operation"), .text("size"), .text("pass"), .number("median µs"), .number("p90 µs"),
        .number("runs"), .number("GB/s"), .number("GFLOP/s"),
      ],
      sections: [
        Section(
          rows: results.map { result in
            [
              result.name, result.size, result.pass.rawValue,
              fixed(result.median / .microseconds(1), 1),
              fixed(result.percentile90 / .microseconds(1), 1), "\(result.runCount)",
              fixed(result.gigabytesPerSecond, 1), fixed(result.gigaFLOPsPerSecond, 1),
            ]
          })
      ])
  }
}
