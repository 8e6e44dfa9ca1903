/// Decimal text with exactly `digits` places, rounded half away from zero; "–" when not finite.
public func fixed(_ value: Double, _ digits: Int) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = (value * scale).rounded()
  guard let units = Int(exactly: scaled) else { return "–" }
  let text = String(units.magnitude)
  let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
  let sign = units < 0 ? "−" : ""
  guard digits > 0 else { return sign + padded }
  return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
}

/// The same with an explicit plus sign, for differences.
func signed(_ value: Double, _ digits: Int) -> String {
  let text = fixed(value, digits)
  return value > 0 && text.contains(where: { "123456789".contains($0) }) ? "+" + text : text
}

/// A share of 1 as a percentage with one place.
public func percent(_ share: Double) -> String { fixed(share * 100, 1) + " %" }

/// A duration as people say it: "8.2 s", "3 min 05 s", "2 h 07 min".
func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
  if seconds < 10 { return fixed(seconds, 1) + " s" }
  let whole = Int(seconds.rounded())
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
  return "\(whole / 3600) h \(two(whole % 3600 / 60)) min"
}

/// A count with thin groups of three digits: 12 345.
func grouped(_ count: Int) -> String {
  var digits = String(count.magnitude)
  var groups: [String] = []
  while digits.count > 3 {
    groups.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  groups.insert(digits, at: 0)
  return (count < 0 ? "−" : "") + groups.joined(separator: "\u{202F}")
}
