extension Device {
  /// The backend that a command line names: `cpu`, `cuda:N` (or `cuda`, the first), or `auto`: the first GPU that can
  /// be used, else the CPU. A GPU has to agree with the CPU on a few small operations first.
  ///
  /// - Parameter whenFallingBack: told why `auto` takes the CPU.
  /// - Throws: `DeviceError.unknown` for a name of no device, `.unavailable`, `.absent` or `.occupied` for a device that
  ///   cannot be used, with every place where its libraries were looked for.
  public static func backend(
    named name: String, whenFallingBack: (DeviceError) -> Void = { _ in }
  ) throws(DeviceError) -> any Backend {
    if name == "auto" {
      do throws(DeviceError) { return try cudaBackend(ordinal: 0) } catch {
        whenFallingBack(error)
        return CPUBackend.shared
      }
    }
    switch Device(name) {
    case .cpu: return CPUBackend.shared
    case .cuda(let ordinal): return try cudaBackend(ordinal: ordinal)
    case nil: throw .unknown(name: name)
    }
  }

  private static func cudaBackend(ordinal: Int) throws(DeviceError) -> any Backend {
    let backend = try CUDABackend(ordinal: ordinal)
    try backend.probe()
    return backend
  }

  /// The device of that spelling: `cpu`, `cuda` or `cuda:N`.
  public init?(_ name: String) {
    if name == "cpu" { self = .cpu; return }
    if name == "cuda" { self = .cuda(ordinal: 0); return }
    guard name.hasPrefix("cuda:"), let ordinal = Int(name.dropFirst(5)), ordinal >= 0 else {
      return nil
    }
    self = .cuda(ordinal: ordinal)
  }
}
