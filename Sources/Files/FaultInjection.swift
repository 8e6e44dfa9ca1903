/// Lets a test make the n-th system call fail, as a full disk would.
package enum FaultInjection {
  /// The calls that change a disk, and so may fail half-way through a job.
  package enum Call: Sendable, Equatable { case create, write, synchronize, rename }

  /// Asked before each call of the current task; an error number makes the call fail with it.
  @TaskLocal package static var failure: (@Sendable (Call) -> Int32?)?

  static func check(_ call: Call) throws(SystemError) {
    if let failure, let code = failure(call) { throw SystemError(code: code) }
  }
}
