import Files
import FoundationEssentials
import Tensors
import Testing

/// A machine on which something is wrong, and what its one sentence has to say.
struct Situation: CustomTestStringConvertible, Sendable {
  enum Kind { case unavailable, occupied, compilation }

  let name: String
  var kind = Kind.unavailable
  let says: [String]

  var testDescription: String { name }

  static let all = [
    Situation(name: "driver that does not start", says: ["code 803", "nvidia-smi"]),
    Situation(name: "no device", says: ["sees no GPU", "nvidia-smi -L"]),
    Situation(
      name: "old device", says: ["emulator has compute capability 6.1", "need 7.0", "newer GPU"]),
    Situation(
      name: "device with another process", says: ["emulator does not open", "46", "nvidia-smi"]),
    Situation(
      name: "no memory for a context", kind: .occupied,
      says: ["emulator has no memory left", "nvidia-smi"]),
    Situation(
      name: "no memory", kind: .occupied, says: ["5 of 4096 MiB are free", "nvidia-smi"]),
    Situation(
      name: "no memory for products", kind: .occupied, says: ["5 of 4096 MiB are free"]),
    Situation(
      name: "products that do not start", says: ["cuBLASLt does not start (code 1", "install"]),
    Situation(
      name: "products that are wrong", says: ["its matrix product differs from the CPU's"]),
    Situation(
      name: "compiler without its builtins", says: ["libnvrtc-builtins", "install it again"]),
    Situation(
      name: "compiler that fails", kind: .compilation, says: ["kernels.cu does not compile"]),
    Situation(
      name: "compiler for other devices",
      says: ["NVRTC 12.4 makes no code for emulator (compute capability 8.6)", "install"]),
    Situation(
      name: "toolkit newer than the driver",
      says: ["the driver (CUDA 12.4) does not take the code of NVRTC 12.4", "newer driver"]),
  ]
}

@Suite struct SituationTests {
  @Test(arguments: Situation.all)
  func `what is wrong with a machine is one sentence with a remedy`(situation: Situation) throws {
    let error = try #require(throws: DeviceError.self) {
      try Emulator.open(cacheFolder: nil, situation: situation.name).get().probe()
    }
    let kind: Situation.Kind? =
      switch error {
      case .unavailable: .unavailable
      case .occupied: .occupied
      case .compilation: .compilation
      default: nil
      }
    #expect(kind == situation.kind, "\(error)")
    let sentence = "\(error)"
    #expect(!sentence.contains("\n"))
    for words in situation.says { #expect(sentence.contains(words), "\(sentence)") }
  }

  @Test func `a GPU that is newer than the compiler gets assembly, and works`() throws {
    try Emulator.open(cacheFolder: nil, situation: "device newer than the toolkit").get().probe()
  }

  @Test func `a machine without GPU and driver is told from one whose driver is missing`() {
    let device = Device.cuda(ordinal: 0)
    let (reason, tried) = ("the driver was not found: install it", ["here", "there"])
    #expect(throws: DeviceError.absent(device: device, reason: reason, tried: tried)) {
      try Emulator.openWithoutDriver(isAbsent: true).get()
    }
    #expect(throws: DeviceError.unavailable(device: device, reason: reason, tried: tried)) {
      try Emulator.openWithoutDriver(isAbsent: false).get()
    }
  }

  @Test(arguments: [
    ("0x10de", "0x030000", true), ("0x10de", "0x030200", true), ("0x10de", "0x040300", false),
    ("0x8086", "0x030000", false), ("", "", false),
  ])
  func `an NVIDIA GPU is known by vendor and class`(vendor: String, kind: String, isOne: Bool)
    throws
  {
    let folder = Path.join(
      FileManager.default.temporaryDirectory.path, "pure-devices-\(UUID().uuidString)")
    defer { try? Path.remove(folder) }
    let device = Path.join(folder, "0000:01:00.0")
    try Path.makeDirectory(device)
    #expect(!Emulator.listsNVIDIAGPU(folder))
    try AtomicFile.write(Array("\(vendor)\n".utf8), to: Path.join(device, "vendor"))
    try AtomicFile.write(Array("\(kind)\n".utf8), to: Path.join(device, "class"))
    #expect(Emulator.listsNVIDIAGPU(folder) == isOne)
  }
}
