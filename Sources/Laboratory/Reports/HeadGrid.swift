internal import Stages

extension HeadReport {
  /// Layers × heads: scores as tints, removed heads crossed out.
  var heatMap: HeatMap {
    let heads = scores.map(\.count).max() ?? 0
    let square = scores.map { $0 + Array(repeating: .nan, count: heads - $0.count) }
    return HeatMap(
      title: "Heads by layer",
      caption: "Tint: variance score on clean validation texts. Crossed out: pruned, "
        + "\(prunedCount) of \(headCount).",
      values: square, rowLabels: scores.indices.map { "\($0 + 1)" },
      columnLabels: (0..<heads).map { "\($0 + 1)" }, rowAxis: "layer", columnAxis: "head",
      scale: .sequential(maximum: scores.joined().filter(\.isFinite).max() ?? 0),
      marked: zip(square, pruned).map { scores, pruned in
        scores.indices.map(pruned.contains)
      })
  }
}
