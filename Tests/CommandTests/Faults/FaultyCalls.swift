import Files
import FoundationEssentials
import TestSupport

/// Calls on files that go wrong, in one run of a program.
struct Fault: CustomStringConvertible {
  /// How a call goes wrong.
  enum Way: String {
    case noSpace = "28"
    case failure = "5"
    case interruption = "4"
    case tooManyFiles = "24"
    /// Half of the bytes are moved.
    case short
    /// The process ends there, as when the power fails.
    case kill
  }

  /// The name of the call; nil: any.
  let call: String?
  let way: Way
  /// Which one, from 1.
  let number: Int
  /// Whether those after it go wrong too: a disk that is full stays full.
  let isLasting: Bool

  init(_ call: String?, _ way: Way, number: Int = 1, isLasting: Bool? = nil) {
    self.call = call
    self.way = way
    self.number = number
    self.isLasting = isLasting ?? (way == .noSpace)
  }

  /// Whether the call only has to be made again.
  var isHarmless: Bool { [.interruption, .short].contains(way) }

  var description: String { "\(call ?? "call") \(number): \(way)" }

  fileprivate var environment: [String] {
    ["FAULT_FIRST=\(number)", "FAULT_WAY=\(way.rawValue)"]
      + (call.map { ["FAULT_CALL=\($0)"] } ?? [])
      + (isLasting ? ["FAULT_LAST=\(Int.max)"] : [])
  }
}

/// The library that makes calls go wrong, put before a program's own.
struct FaultyCalls {
  /// The library lies beside the bundle of tests that runs this.
  private static let library = Path.join(Path.parent(of: Program.pure), "libFaultyCalls.so")

  /// The file of the counters.
  let counters: String

  /// The variables of a run in which calls on a file, or on what lies in a folder, are counted and
  /// some of them go wrong.
  func environment(_ fault: Fault?, in folder: String) -> [String] {
    ["LD_PRELOAD=\(Self.library)", "FAULT_FOLDER=\(folder)", "FAULT_COUNTERS=\(counters)"]
      + (fault?.environment ?? [])
  }

  /// How often each call came, by its name; all of them under the empty one.
  func counts() throws -> [String: Int] {
    let bytes = try ByteFile.contents(of: counters)
    var counts: [String: Int] = [:]
    for start in stride(from: 0, to: bytes.count, by: 32) {
      let name = String(decoding: bytes[start..<start + 24].prefix { $0 != 0 }, as: UTF8.self)
      counts[name] = bytes[start + 24..<start + 32].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    return counts
  }
}

extension Fault {
  /// Ways in which calls are known to go wrong; all others fail as broken disks do.
  private static let ways: [String: [Way]] = [
    "open": [.tooManyFiles, .failure, .interruption, .noSpace],
    "read": [.failure, .interruption, .short], "pread": [.failure, .interruption, .short],
    "write": [.noSpace, .failure, .interruption, .short],
    "fsync": [.failure, .interruption], "close": [.failure, .interruption],
    "flock": [.interruption, .failure], "mkdir": [.noSpace, .failure],
    "rename": [.noSpace, .failure], "opendir": [.tooManyFiles, .failure],
    "pipe": [.tooManyFiles], "posix_spawn": [.tooManyFiles],
    // A pipe fails when nobody is at its other end, which killed processes see to.
    "piped read": [.interruption, .short], "piped write": [.interruption, .short],
  ]

  /// Every fault that a run with so many calls can meet.
  static func all(_ counts: [String: Int]) -> [Fault] {
    counts.sorted { $0.key < $1.key }.filter { !$0.key.isEmpty }.flatMap { call, count in
      (ways[call] ?? [.failure]).flatMap { way in
        (0..<count).map { Fault(call, way, number: $0 + 1) }
      }
    }
  }

  /// Every moment at which such a run can be killed.
  static func kills(_ counts: [String: Int]) -> [Fault] {
    (0..<(counts[""] ?? 0)).map { Fault(nil, .kill, number: $0 + 1) }
  }
}

/// How many faults a test tries: `PURE_FAULT_RUNS` says another number, or `all`.
enum FaultBudget {
  private static let runs = ProcessInfo.processInfo.environment["PURE_FAULT_RUNS"]

  /// As many as are wanted, evenly spread over those that there are, the first and the last among
  /// them.
  static func selected(_ faults: [Fault]) -> [Fault] {
    let wanted = runs == "all" ? faults.count : runs.flatMap { Int($0) } ?? 8
    let count = min(wanted, faults.count)
    return (0..<count).map { faults[$0 * (faults.count - 1) / max(1, count - 1)] }
  }
}
