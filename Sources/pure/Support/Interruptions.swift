import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// SIGINT, SIGTERM, SIGUSR1 and SIGUSR2 ask the work to stop at the next clean place; a second one ends it at once.
enum Interruptions {
  private static let count = Atomic<Int>(0)

  /// Whether somebody asked to stop.
  static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  static func install() {
    for number in [SIGINT, SIGTERM, SIGUSR1, SIGUSR2] {
      signal(number) { number in
        if Interruptions.count.add(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
      }
    }
    signal(SIGPIPE, SIG_IGN)
  }
}
