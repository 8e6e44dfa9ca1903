/// How far a mean of ours lies from a published one.
public struct Agreement: Hashable, Sendable {
  /// Ours less the published mean, in the unit of both.
  public let difference: Double
  /// The difference in units of the pooled deviation; nothing where neither deviation is known or
  /// both are 0.
  public let distance: Double?

  /// Published means lie within so many pooled deviations of ours where the two agree.
  public static let limit = 2.0

  /// Whether the distance is within the limit; nothing where it is unknown. A difference that the
  /// printed places do not show is within every limit.
  public var isWithinLimit: Bool? {
    if abs(difference) < 0.05 { return true }
    return distance.map { abs($0) <= Self.limit }
  }

  /// - Parameters:
  ///   - own: in the unit of the published value.
  ///   - publishedCount: runs behind the published value; as many as ours where nobody says.
  public init(_ own: Summary, _ published: Expectation.Value, publishedCount: Int?) {
    difference = own.mean - published.mean
    let parts = [(own.deviation, own.count), (published.deviation, publishedCount ?? own.count)]
      .compactMap { deviation, count in deviation.map { (squares: $0 * $0, freedom: count - 1) } }
      .filter { $0.freedom > 0 }
    let freedom = parts.reduce(0) { $0 + $1.freedom }
    let squares = parts.reduce(0) { $0 + $1.squares * Double($1.freedom) }
    let pooled = freedom > 0 ? (squares / Double(freedom)).squareRoot() : 0
    distance = pooled > 0 ? difference / pooled : nil
  }
}
