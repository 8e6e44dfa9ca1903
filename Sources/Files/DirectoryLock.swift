/// Holds a directory for one user at a time, here or in another process. The system lets go of it when the process that
/// holds it ends, in whatever way, so nobody is kept out by the dead.
///
/// On a file system that knows no locks of directories, as NFS, nobody is kept out at all.
public final class DirectoryLock {
  private let descriptor: Int32

  /// Takes the directory, or gives nil while somebody else holds it or has just removed it.
  ///
  /// - Throws: `InputError` if the directory cannot be opened.
  public init?(_ path: String) throws(InputError) {
    do {
      descriptor = try System.openDirectory(path)
    } catch {
      if System.Reason(error.code) == .missing { return nil }
      throw error.describing(path, while: "be opened")
    }
    // Whoever held it may have removed the directory while this one was opening it.
    let isHeld = System.lock(descriptor)
    let isThere =
      (try? System.status(of: descriptor).identity) == (try? System.status(at: path).identity)
    if !isHeld || !isThere {
      System.close(descriptor)
      return nil
    }
  }

  deinit { System.close(descriptor) }

  /// Waits a moment, to try again.
  public static func pause() { System.sleep(milliseconds: 50) }
}
