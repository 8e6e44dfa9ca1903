import CUDAEmulator
import Tensors

/// A backend whose kernels run on the emulator.
enum Emulator {
  /// Opened once; its launches take turns.
  static let backend: Result<CUDABackend, DeviceError> = open(cacheFolder: nil)

  /// The one device, as a backend of its own.
  static func open(cacheFolder: String?) -> Result<CUDABackend, DeviceError> {
    // Lives as long as the process: so may a backend.
    let platform = UnsafeMutablePointer<CKCUDAPlatform>.allocate(capacity: 1)
    unsafe platform.initialize(to: ck_emulatedPlatform(cacheFolder))
    return Result { () throws(DeviceError) in
      unsafe try CUDABackend(platform: platform, ordinal: 0)
    }
  }

  /// What the last launch that failed did wrong.
  static var fault: String { unsafe String(cString: ck_emulatedFault()) }

  /// Every planted kernel.
  static var plantedNames: [String] {
    var names: [String] = []
    while let name = unsafe ck_plantedName(Int32(names.count)) {
      unsafe names.append(String(cString: name))
    }
    return names
  }

  /// What the emulator finds in a planted kernel, with threads in the order of `seed`.
  static func run(_ planted: String, seed: UInt64) -> String? {
    ck_emulatorSeed(seed)
    return unsafe ck_runPlanted(planted).map { unsafe String(cString: $0) }
  }
}
