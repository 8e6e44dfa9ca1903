import Glibc

/// A system call that failed, before anyone has said which file it was about.
struct SystemError: Error {
  /// The number that `errno` held.
  var code: Int32

  /// The file got shorter between asking its size and reading it.
  static let unexpectedEnd = SystemError(code: 0)

  /// Whether there is nothing under the path that a question was about.
  var meansAbsence: Bool { [ENOENT, ENOTDIR, EINVAL, ENAMETOOLONG, ELOOP].contains(code) }

  /// The error as the user reads it.
  func describing(_ path: String, while activity: String) -> InputError {
    let (problem, remedy) = explanation(activity)
    let kind = code == ENOMEM ? InputError.Kind.memory : .data
    return InputError(kind, file: path, problem: problem, remedy: remedy)
  }

  private func explanation(_ activity: String) -> (problem: String, remedy: String) {
    if code == 0 {
      return ("became shorter while it was being read", "wait until its writer is done")
    }
    let reason = System.message(of: code)
    return switch System.Reason(code) {
    case .missing where activity == "be created":
      ("cannot be created: there is no such folder", "make the folder first")
    case .missing: ("does not exist", "check the path")
    case .denied: ("cannot \(activity): permission denied", "check owner and mode of the path")
    case .directory: ("is a directory", "name a file in it")
    case .notDirectory: ("is not a directory", "check the path")
    case .full: ("cannot \(activity): the disk is full", "free some space and run again")
    case .readOnly: ("cannot \(activity): the file system is read-only", "choose another place")
    case .exists: ("exists already", "choose another name")
    case .busy: ("cannot \(activity): something is mounted there", "name a folder in it")
    case .memory:
      ("cannot \(activity): there is no memory for it", "see whether it has to be that large")
    case .other: ("cannot \(activity): \(reason)", "check the path and the disk")
    }
  }
}
