internal import FoundationEssentials

/// When something was made.
public enum Timestamp {
  /// This second, as ISO 8601 has it, in universal time.
  public static var now: String { Date().formatted(.iso8601) }
}
