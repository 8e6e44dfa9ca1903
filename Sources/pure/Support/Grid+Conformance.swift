import Conformance
import Laboratory
import Tensors

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

  /// How fast attention's kernels ran; a star is the table's choice.
  init(_ results: [AttentionTrial.Result]) {
    self.init(
      columns: [
        .number("heads"), .number("features"), .number("texts"), .number("longest"),
        .text("pass"), .text("kernel"), .number("µs"), .text(""),
      ],
      sections: [
        Section(
          rows: results.map { result in
            [
              "\(result.batch.headCount)", "\(result.batch.headSize)",
              "\(result.batch.lengths.count)", "\(result.batch.lengths.max() ?? 0)",
              result.pass.rawValue, result.shape, fixed(result.time / .microseconds(1), 1),
              result.isChosen ? "*" : "",
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
