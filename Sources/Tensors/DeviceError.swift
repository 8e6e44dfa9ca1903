/// Why a device could not do what was asked: conditions of the machine, never a programmer's mistake.
public enum DeviceError: Error, Equatable, CustomStringConvertible {
  /// There is no device of that name.
  case unknown(name: String)
  /// The device, or a library that it needs, is not there; `tried` names every place that was looked at.
  case unavailable(device: Device, reason: String, tried: [String])
  /// This machine has neither an NVIDIA GPU nor its driver; `tried` names every place where one was looked for.
  case absent(device: Device, reason: String, tried: [String])
  /// The device has no memory left to begin with, as others hold it.
  case occupied(device: Device, reason: String)
  /// The device does not compute in that precision.
  case precision(Precision, device: Device, reason: String)
  /// The device has no room for `byteCount` more bytes.
  case outOfMemory(device: Device, byteCount: Int)
  /// A kernel did not compile; `log` is what the compiler said.
  case compilation(kernel: String, log: String)
  /// A call failed with a code of its library.
  case status(call: String, code: Int, text: String)
  /// The device failed, and this process cannot use it any more: whatever is asked of it ends with this same error.
  /// What was queued since the last wait is lost, and `call` is what noticed it, not always what caused it.
  case fault(device: Device, call: String, code: Int, text: String)

  /// One sentence that names what failed, where, and what to do.
  public var description: String {
    switch self {
    case .unknown(let name):
      return "there is no device \"\(name)\"; name auto, cpu or cuda:N with --device"
    case .unavailable(let device, let reason, let tried),
      .absent(let device, let reason, let tried):
      let places = tried.isEmpty ? "" : " (looked at \(tried.joined(separator: ", ")))"
      return "\(device) cannot be used: \(reason); or choose another with --device\(places)"
    case .occupied(let device, let reason):
      return "\(device) cannot be used: \(reason); or choose another with --device"
    case .precision(let precision, let device, let reason):
      return
        "\(device) cannot compute in \(precision): \(reason); use --precision fp32 or another --device"
    case .outOfMemory(let device, let byteCount):
      return
        "\(device) has no room for \(byteCount) more bytes; use a smaller --batch-size or --max-length"
    case .compilation(let kernel, let log):
      return "kernel \(kernel) does not compile on this machine: \(log)"
    case .status(let call, let code, let text):
      return "\(call) failed with code \(code): \(text)"
    case .fault(let device, let call, let code, let text):
      return
        "\(device) failed and is lost to this process, as \(call) noticed (code \(code): \(text)); if it "
        + "does so again, see what dmesg and nvidia-smi say of the GPU"
    }
  }

  /// What is wrong with the device, without its name and the remedy.
  var reason: String {
    switch self {
    case .unavailable(_, let reason, _), .precision(_, _, let reason): reason
    default: description
    }
  }
}
