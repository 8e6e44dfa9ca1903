/// What lies hidden beside a path while it is written: `.NAME.partial-RANDOM` what has no name yet,
/// and `.NAME.lease` who writes it.
enum PartialFiles {
  private static let mark = ".partial-"
  private static let leaseEnd = ".lease"

  static func lease(of path: String) -> String { beside(path, leaseEnd) }

  /// Calls `create` with a name that nobody has.
  static func create<Result>(
    beside path: String, _ create: (String) throws(SystemError) -> Result
  ) throws(SystemError) -> (path: String, result: Result) {
    let candidate = beside(path, mark) + System.randomName()
    return (candidate, try create(candidate))
  }

  /// Removes all that was half written for a path. It is for the path's holder to call.
  static func remove(of path: String) throws(InputError) {
    let directory = Path.parent(of: path)
    let prefix = Path.name(of: beside(path, mark))
    for name in try Path.names(in: directory) where name.hasPrefix(prefix) {
      try Path.remove(Path.join(directory, name))
    }
  }

  /// The names beside which something was left, or is being written.
  static func goals(in directory: String) throws(InputError) -> Set<String> {
    var goals: Set<String> = []
    for name in try Path.names(in: directory) where name.hasPrefix(".") {
      let end =
        name.hasSuffix(leaseEnd)
        ? name.index(name.endIndex, offsetBy: -leaseEnd.count)
        : name.firstRange(of: mark)?.lowerBound
      guard let end, end > name.index(after: name.startIndex) else { continue }
      goals.insert(String(name[name.index(after: name.startIndex)..<end]))
    }
    return goals
  }

  private static func beside(_ path: String, _ end: String) -> String {
    Path.join(Path.parent(of: path), ".\(Path.name(of: path))\(end)")
  }
}
