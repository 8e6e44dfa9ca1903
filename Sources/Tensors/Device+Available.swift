extension Device {
  /// The backend that a command line names: `cpu`, `cuda:N` (or `cuda`, the first), or `auto`: the first GPU that can
  /// be used, else the CPU. A GPU has to agree with the CPU on a few small operations first.
  ///
  /// - Parameters:
  ///   - precision: the CPU has `.fp32` and, if its instructions do, `.bf16`.
  ///   - whenFallingBack: told why `auto` takes the CPU.
  /// - Throws: `DeviceError.unknown` for a name of no device, `.unavailable`, `.absent` or `.occupied` for a device that
  ///   cannot be used, with every place where its libraries were looked for, `.precision` for one that the device has not.
  public static func backend(
    named name: String, precision: Precision = .fp32,
    whenFallingBack: (DeviceError) -> Void = { _ in }
  ) throws(DeviceError) -> any Backend {
    if name == "auto" {
      do throws(DeviceError) { return try cudaBackend(ordinal: 0, precision) } catch {
        let backend = try cpuBackend(
          precision, because: "; and no GPU can be used: \(error.reason)")
        whenFallingBack(error)
        return backend
      }
    }
    switch Device(name) {
    case .cpu: return try cpuBackend(precision)
    case .cuda(let ordinal): return try cudaBackend(ordinal: ordinal, precision)
    case nil: throw .unknown(name: name)
    }
  }

  private static func cpuBackend(
    _ precision: Precision, because: String = ""
  ) throws(DeviceError) -> any Backend {
    do throws(DeviceError) {
      return precision == .fp32 ? CPUBackend.shared : try CPUBackend(precision: precision)
    } catch {
      throw .precision(precision, device: .cpu, reason: error.reason + because)
    }
  }

  private static func cudaBackend(
    ordinal: Int, _ precision: Precision
  ) throws(DeviceError) -> any Backend {
    let backend = try CUDABackend(ordinal: ordinal, precision: precision)
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
