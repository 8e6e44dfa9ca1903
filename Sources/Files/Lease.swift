internal import Synchronization

/// A file that says who holds something, and that its owner changes again and again while it lives.
///
/// On one machine a lock of the system tells the living from the dead, in whatever container they
/// are. Where locks do not reach, on another host or on a file system without any, an onlooker
/// watches the file by its own clock: an owner whose mark does not change is dead. No clock of one
/// machine is ever compared with that of another, and no process number means anything.
final class Lease: Sendable {
  /// What stands in the file.
  struct Mark: Equatable {
    /// Drawn at random.
    var owner: String
    /// The boot of the machine, to all of whose processes a lock of one means something; "-": it
    /// does not say.
    var kernel: String
    var renewalCount = 0

    /// Marks of one length replace one another in a single write.
    static let size = 128

    var bytes: [UInt8] {
      let text = Array("\(owner) \(kernel) \(renewalCount)".utf8.prefix(Self.size - 1))
      return text + [UInt8](repeating: 0x20, count: Self.size - 1 - text.count) + [0x0A]
    }

    init(owner: String = System.randomName(), kernel: String = System.kernel) {
      (self.owner, self.kernel) = (owner, kernel)
    }

    init?(_ bytes: [UInt8]) {
      let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      guard words.count == 3, let count = Int(words[2]) else { return nil }
      (owner, kernel, renewalCount) = (String(words[0]), String(words[1]), count)
    }
  }

  static let renewalInterval = Duration.seconds(1)

  private let path: String
  /// Holds the lock, where there are locks.
  private let descriptor: Int32
  private let mark: Mutex<Mark>
  private let lost = Mutex(false)
  private let owner: String
  /// Whether nobody had left a lease there.
  let isFresh: Bool

  private init(_ path: String, _ descriptor: Int32, _ mark: Mark, isFresh: Bool) {
    (self.path, self.descriptor, self.isFresh) = (path, descriptor, isFresh)
    owner = mark.owner
    self.mark = Mutex(mark)
  }

  /// Takes a lease, or gives nil while somebody else holds it.
  ///
  /// - Parameters:
  ///   - patience: how long the mark of a stranger who may be dead is watched; nil: not at all, and
  ///     he is taken for alive.
  ///   - isCancelled: ends the watch, with nil.
  static func take(
    _ path: String, patience: Duration?, isCancelled: () -> Bool
  ) throws(SystemError) -> Lease? {
    var attempt = 0
    // Others may take and release it all the time.
    while attempt < 100 {
      attempt += 1
      let (descriptor, isFresh) = try System.openLease(path)
      // The file was released between two calls.
      guard let descriptor else { continue }
      do {
        if !isFresh, attempt < 50, try System.contents(descriptor, limit: Mark.size).isEmpty {
          // Whoever has just made it is about to write.
          System.close(descriptor)
          System.sleep(milliseconds: 20)
          continue
        }
        if let lease = try take(path, descriptor, isFresh, patience, isCancelled) {
          return lease
        }
        let isGone = System.identity(at: path) != System.identity(of: descriptor)
        System.close(descriptor)
        if !isGone { return nil }
      } catch {
        // Nobody could tell whose an empty one is.
        if isFresh { try? System.removeFile(path) }
        System.close(descriptor)
        throw error
      }
    }
    return nil
  }

  private static func take(
    _ path: String, _ descriptor: Int32, _ isFresh: Bool, _ patience: Duration?,
    _ isCancelled: () -> Bool
  ) throws(SystemError) -> Lease? {
    let lock = System.lock(descriptor)
    guard lock != .busy, System.identity(at: path) == System.identity(of: descriptor) else {
      return nil
    }
    let own = Mark()
    if isFresh {
      try System.overwrite(descriptor, with: own.bytes)
      return Lease(path, descriptor, own, isFresh: true)
    }
    let left = try System.contents(descriptor, limit: Mark.size)
    // A living process of this machine would hold the lock.
    let isOfThisMachine = lock == .held && own.kernel != "-" && Mark(left)?.kernel == own.kernel
    if !isOfThisMachine {
      guard let patience, !changes(path, from: left, within: patience, isCancelled) else {
        return nil
      }
    }
    try System.overwrite(descriptor, with: own.bytes)
    // Another onlooker may have come to the same conclusion: who wrote last has it.
    if !isOfThisMachine, changes(path, from: own.bytes, within: renewalInterval * 2, isCancelled) {
      return nil
    }
    return Lease(path, descriptor, own, isFresh: false)
  }

  /// Whether the content of the file becomes another, or the file goes, within some time.
  private static func changes(
    _ path: String, from content: [UInt8], within patience: Duration, _ isCancelled: () -> Bool
  ) -> Bool {
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
      if isCancelled() || (try? System.contents(ofFile: path, limit: Mark.size)) != content {
        return true
      }
      System.sleep(milliseconds: 100)
    }
    return false
  }

  /// Whether it is still its owner's. It may have been taken for dead while it was stopped.
  var isHeld: Bool {
    renew()
    return !lost.withLock { $0 }
  }

  /// Shows that the owner lives.
  func renew() {
    mark.withLock { mark in
      do throws(SystemError) {
        let file = try System.openForUpdating(path)
        defer { System.close(file) }
        guard Mark(try System.contents(file, limit: Mark.size))?.owner == owner else {
          return lost.withLock { $0 = true }
        }
        mark.renewalCount += 1
        // Where a file lies on another host, it gets there when this descriptor is closed.
        try System.overwrite(file, with: mark.bytes)
      } catch {
        // A disk that fails now may work again.
        if System.Reason(error.code) == .missing { lost.withLock { $0 = true } }
      }
    }
  }

  /// Lets go of it.
  func release() {
    if let content = try? System.contents(ofFile: path, limit: Mark.size),
      Mark(content)?.owner == owner
    {
      try? System.removeFile(path)
    }
    System.close(descriptor)
  }
}
