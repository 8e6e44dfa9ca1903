/// A path at which something is being written, held by one writer at a time: here, in another
/// process or container, or on another host. It is taken before any work is done.
///
/// While it is held, a hidden neighbour `.NAME.lease` says so. Only who holds it may remove what
/// somebody else has half written there.
public final class Place {
  /// How long a holder on another host, which shows no sign of life, is waited for.
  public static let patience = Duration.seconds(30)

  /// The path that is written.
  public let path: String
  private let lease: Lease

  /// Takes a place in a directory that exists.
  ///
  /// - Throws: `InputError` if somebody else holds it, or if nothing can be written there.
  public convenience init(_ path: String) throws(InputError) {
    guard let lease = try Place.take(path) else {
      throw InputError(
        .usage, file: path, problem: "is being written by another run",
        remedy: "wait until it has ended, or choose another place")
    }
    try self.init(path, lease)
  }

  /// Takes a place in a directory that exists, or gives nil while somebody else holds it.
  ///
  /// - Parameters:
  ///   - patience: how long a holder on another host, which shows no sign of life, is waited for;
  ///     nil: whoever may be alive is taken to be.
  ///   - isCancelled: ends the wait, with nil.
  /// - Throws: `InputError` if nothing can be written there.
  public convenience init?(
    ifFree path: String, patience: Duration? = Place.patience, isCancelled: () -> Bool = { false }
  ) throws(InputError) {
    guard let lease = try Place.take(path, patience, isCancelled) else { return nil }
    try self.init(path, lease)
  }

  /// Takes a place in a directory that exists, as soon as nobody else holds it.
  ///
  /// - Throws: `InputError` if nothing can be written there.
  public convenience init(whenFree path: String) throws(InputError) {
    var lease = try Place.take(path)
    while lease == nil {
      Place.pause()
      lease = try Place.take(path)
    }
    guard let lease else { preconditionFailure("a lease was taken and is not there") }
    try self.init(path, lease)
  }

  private init(_ path: String, _ lease: Lease) throws(InputError) {
    (self.path, self.lease) = (path, lease)
    LeaseRenewal.add(lease)
    // Whoever died here may have left something.
    if !lease.isFresh { try removeLeftovers() }
  }

  private static func take(
    _ path: String, _ patience: Duration? = Place.patience, _ isCancelled: () -> Bool = { false }
  ) throws(InputError) -> Lease? {
    do {
      return try Lease.take(
        PartialFiles.lease(of: path), patience: patience, isCancelled: isCancelled)
    } catch {
      throw error.describing(path, while: "be created")
    }
  }

  deinit {
    LeaseRenewal.remove(lease)
    lease.release()
  }

  /// Makes sure that the place is still held, right before something gets its name there.
  ///
  /// - Throws: `InputError` if this process was stopped for so long that somebody else took it.
  public func requireHeld() throws(InputError) {
    guard lease.isHeld else {
      throw InputError(
        .usage, file: path,
        problem: "was taken by another run while this one was stopped, or its lease was deleted",
        remedy: "wait until the other has ended, and run the same command again")
    }
  }

  /// Waits a moment, to try again.
  public static func pause() { System.sleep(milliseconds: 50) }

  /// Removes what others have half written here.
  ///
  /// - Throws: `InputError` if something of it cannot be removed.
  public func removeLeftovers() throws(InputError) { try PartialFiles.remove(of: path) }

  /// Removes what writers that are gone have half written in a directory, whatever its name.
  ///
  /// - Throws: `InputError` if the directory cannot be listed or something not be removed.
  public static func removeAbandoned(in directory: String) throws(InputError) {
    for name in try PartialFiles.goals(in: directory) {
      let path = Path.join(directory, name)
      guard let place = try Place(ifFree: path, patience: nil) else { continue }
      try place.removeLeftovers()
    }
  }
}
