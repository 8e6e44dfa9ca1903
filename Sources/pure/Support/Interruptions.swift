import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// For work that keeps its state: SIGINT, SIGTERM, SIGUSR1 and SIGUSR2 ask it to stop at the next clean place; a second
/// one ends it at once, as the first does to all other work.
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
  }
}
