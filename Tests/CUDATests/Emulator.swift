import CUDAEmulator
import Tensors
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A backend whose kernels run on the emulator.
enum Emulator {
  /// Opened once; its launches take turns.
  static let backend = open(cacheFolder: nil)
  private static let backends = [
    Precision.fp32: backend, .tf32: open(cacheFolder: nil, precision: .tf32),
    .bf16: open(cacheFolder: nil, precision: .bf16),
  ]

  /// The same in any precision.
  static func backend(in precision: Precision) throws -> CUDABackend {
    try #require(backends[precision]).get()
  }

  /// A device, as a backend of its own, on a machine where what `situation` names is wrong.
  static func open(
    cacheFolder: String?, ordinal: Int = 0, precision: Precision = .fp32,
    keepsFactors: Bool = true, situation: String? = nil
  ) -> Result<CUDABackend, DeviceError> {
    let platform = unsafe makePlatform(cacheFolder)
    if let situation {
      let isStaged = unsafe ck_stage(platform, situation)
      precondition(isStaged, "the emulator knows no situation \"\(situation)\"")
    }
    return unsafe open(
      platform, ordinal: ordinal, precision: precision, keepsFactors: keepsFactors)
  }

  /// A device whose tensor cores, of compute capability 7.5, know neither tf32 nor bf16.
  static func openOlder(precision: Precision) -> Result<CUDABackend, DeviceError> {
    let platform = unsafe makePlatform(nil)
    unsafe platform.pointee.driver.deviceAttribute = { value, attribute, _ in
      let values = [Int32(ckDeviceMajor): Int32(7), Int32(ckDeviceMinor): 5]
      unsafe value?.pointee = values[attribute] ?? 64 << 10
      return 0
    }
    return unsafe open(platform, ordinal: 0, precision: precision)
  }

  /// A device that copies from the host as late as it may.
  static func openCopyingLate() throws(DeviceError) -> CUDABackend {
    let platform = unsafe makePlatform(nil)
    unsafe ck_delayCopies(platform)
    return unsafe try open(platform, ordinal: 0, precision: .fp32).get()
  }

  /// A device that only counts what is asked of it.
  static func openCounting(precision: Precision) throws(DeviceError) -> CUDABackend {
    let platform = unsafe makePlatform(nil)
    unsafe ck_countCalls(platform)
    return unsafe try open(platform, ordinal: 0, precision: precision).get()
  }

  private static func open(
    _ platform: UnsafePointer<CKCUDAPlatform>, ordinal: Int, precision: Precision,
    keepsFactors: Bool = true
  ) -> Result<CUDABackend, DeviceError> {
    Result { () throws(DeviceError) in
      unsafe try CUDABackend(
        platform: platform, ordinal: ordinal, precision: precision, keepsFactors: keepsFactors)
    }
  }

  /// The device behind the compiler that this machine has.
  static func openWithCompiler() throws -> CUDABackend {
    let platform = unsafe makePlatform(nil)
    let isOpen = unsafe ck_openCompiler(&platform.pointee.compiler)
    try #require(isOpen)
    return unsafe try CUDABackend(platform: platform, ordinal: 0)
  }

  /// Lives as long as the process: so may a backend.
  private static func makePlatform(_ cacheFolder: String?) -> UnsafeMutablePointer<CKCUDAPlatform> {
    let platform = UnsafeMutablePointer<CKCUDAPlatform>.allocate(capacity: 1)
    unsafe platform.initialize(to: ck_emulatedPlatform(cacheFolder))
    return unsafe platform
  }

  /// For what is opened later in this process.
  static func setEnvironment(_ name: String, _ value: String) {
    unsafe setenv(name, value, 1)
  }

  /// A machine that lacks its driver, with an NVIDIA GPU or without.
  static func openWithoutDriver(isAbsent: Bool) -> Result<CUDABackend, DeviceError> {
    let platform = unsafe makePlatform(nil)
    unsafe platform.pointee.missing = UnsafePointer(strdup("the driver was not found: install it"))
    unsafe platform.pointee.tried = UnsafePointer(strdup("here\nthere"))
    unsafe platform.pointee.isAbsent = isAbsent
    return Result { () throws(DeviceError) in
      unsafe try CUDABackend(platform: platform, ordinal: 0)
    }
  }

  /// Whether a folder in the shape of the system's list of devices has an NVIDIA GPU.
  static func listsNVIDIAGPU(_ folder: String) -> Bool { unsafe ck_listsNVIDIAGPU(folder) }

  /// This machine has an NVIDIA driver.
  static var machineHasDriver: Bool { !CUDALibrary.found.isEmpty }

  /// Bytes of device memory in use.
  static var memoryInUse: Int { Int(ck_emulatorMemory()) }
  /// Bytes of device memory that there are from now on.
  static func limitMemory(to byteCount: Int) { ck_emulatorMemoryLimit(Int64(byteCount)) }

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
