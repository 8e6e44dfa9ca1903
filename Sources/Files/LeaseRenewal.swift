internal import Glibc
internal import Synchronization

/// The one thread of a process that renews what it holds.
enum LeaseRenewal {
  private struct State {
    var leases: [ObjectIdentifier: Lease] = [:]
    var isRunning = false
  }

  private static let state = Mutex(State())

  static func add(_ lease: Lease) {
    state.withLock { state in
      state.leases[ObjectIdentifier(lease)] = lease
      // Where the system refuses a thread, locks alone keep others away.
      if !state.isRunning { state.isRunning = start() }
    }
  }

  static func remove(_ lease: Lease) {
    _ = state.withLock { $0.leases.removeValue(forKey: ObjectIdentifier(lease)) }
  }

  private static func start() -> Bool {
    // Signals are for the program's own threads.
    var (all, before) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { unsafe _ = pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let code = unsafe pthread_create(&thread, nil, { _ in LeaseRenewal.run() }, nil)
    if code == 0 { pthread_detach(thread) }
    return code == 0
  }

  private static func run() -> Never {
    while true {
      System.sleep(Lease.renewalInterval)
      for lease in state.withLock({ Array($0.leases.values) }) { lease.renew() }
    }
  }
}
