internal import CKernels

/// A library that GPUs are used through, as it was found on this machine.
public struct CUDALibrary: Equatable, Sendable {
  /// `driver`, `NVRTC` or `cuBLASLt`.
  public let name: String
  /// The file.
  public let path: String
  /// Of CUDA for the driver, its own for the others, as in "12.4".
  public let version: String

  /// What could be opened, the driver first; nothing behind the first that is missing is looked for.
  public static var found: [CUDALibrary] {
    let libraries = unsafe ck_cudaPlatform().pointee.libraries
    let all = unsafe [
      ("driver", libraries.0), ("NVRTC", libraries.1), ("cuBLASLt", libraries.2),
    ]
    return unsafe all.compactMap { name, library in
      guard let path = unsafe library.path else { return nil }
      let version = unsafe library.version
      return unsafe CUDALibrary(
        name: name, path: String(cString: path),
        version: "\(version / 1000).\(version % 1000 / 10)")
    }
  }
}
