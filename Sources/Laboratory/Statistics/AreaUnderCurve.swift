/// The area under the ROC curve: how often a random one of the first scores is the larger of it and
/// a random one of the second, equal ones by half (Mann and Whitney's U, divided by all pairs).
///
/// - Returns: 0 … 1; nil where one side is empty.
func areaUnderCurve(of positive: [Double], over negative: [Double]) -> Double? {
  guard !positive.isEmpty, !negative.isEmpty else { return nil }
  var halves = 0
  for score in positive {
    for other in negative { halves += score > other ? 2 : score == other ? 1 : 0 }
  }
  return Double(halves) / Double(2 * positive.count * negative.count)
}
