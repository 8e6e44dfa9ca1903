/// Floating-point operations; an addition and a multiplication are one each.
public struct FLOPs: Sendable, Equatable {
  /// How many.
  public let count: Double
  /// So many operations.
  public init(_ count: Int) { self.count = Double(count) }

  /// Rate in GFLOP/s.
  public func giga(per duration: Duration) -> Double { count / (duration / .nanoseconds(1)) }
}

/// Memory traffic.
public struct Bytes: Sendable, Equatable {
  /// How many.
  public let count: Double
  /// So many bytes.
  public init(_ count: Int) { self.count = Double(count) }
  /// So many fp32 or int32 elements.
  public init(elements: Int) { self.init(elements * 4) }

  /// Rate in GB/s, a gigabyte being 10⁹ bytes.
  public func giga(per duration: Duration) -> Double { count / (duration / .nanoseconds(1)) }
}

/// What one run of an operation must do at least: each input read once, each output written once.
public struct Cost: Sendable, Equatable {
  /// Arithmetic.
  public let work: FLOPs
  /// Traffic.
  public let traffic: Bytes

  /// Arithmetic and traffic of one run.
  public init(_ work: FLOPs, _ traffic: Bytes) {
    self.work = work
    self.traffic = traffic
  }
}
