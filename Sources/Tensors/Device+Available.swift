extension Device {
  /// The backend that a command line names: `cpu`, `cuda:N` (or `cuda`, the first), or `auto`: the best there is.
  ///
  /// - Throws: `DeviceError.unknown` for a name of no device, `.unavailable` for a device that this machine or this
  ///   build has not.
  public static func backend(named name: String) throws(DeviceError) -> any Backend {
    switch name {
    case "auto", "cpu": return CPUBackend.shared
    default:
      guard let device = Device(name) else {
        throw .unknown(name: name)
      }
      throw .unavailable(
        device: device, reason: "this build has no CUDA backend", tried: [])
    }
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
