/// Checks bytes before they are taken for text.
public enum UTF8Validation {
  /// The offset of the first byte that is not part of well-formed UTF-8; nil if all are.
  public static func firstInvalidByte(in bytes: [UInt8]) -> Int? {
    do {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }
}
