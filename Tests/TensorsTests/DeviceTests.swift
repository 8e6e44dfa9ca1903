import Tensors
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct DeviceTests {
  @Test func `devices are spelled as on the command line`() {
    #expect("\(Device.cpu)" == "cpu")
    #expect("\(Device.cuda(ordinal: 3))" == "cuda:3")
  }

  @Test func `errors name what failed and what to do`() {
    let error = DeviceError.unavailable(
      device: .cuda(ordinal: 0), reason: "no driver was found", tried: ["libcuda.so.1"])
    #expect(
      "\(error)"
        == "cuda:0 cannot be used: no driver was found; or choose another with --device "
        + "(looked at libcuda.so.1)")
  }

  @Test func `a processor refuses precisions that it has not`() async throws {
    let tf32 = #expect(throws: DeviceError.self) { try CPUBackend(precision: .tf32) }
    #expect(
      "\(tf32, default: "none")"
        == "cpu cannot compute in tf32: it has fp32 and, with AVX512_BF16, bf16; "
        + "use --precision fp32 or another --device")
    await #expect(processExitsWith: .success) {
      unsafe setenv("PURE_INSTRUCTION_SET", "baseline", 1)
      #expect(Host.precisions == [.fp32])
      let bf16 = #expect(throws: DeviceError.self) { try CPUBackend(precision: .bf16) }
      #expect(
        "\(bf16, default: "none")"
          == "cpu cannot compute in bf16: its instructions, baseline, are without AVX512_BF16; "
          + "use --precision fp32 or another --device")
    }
  }

  @Test func `memory and timings are those of the processor in any precision`() throws {
    for precision in Host.precisions {
      let backend = try CPUBackend(precision: precision)
      #expect(backend.fullPrecision.precision == .fp32)
      let tensor = try Tensor([1, 2] as [Float], on: backend)
      try backend.fullPrecision.fill(tensor, with: 0)
      #expect(try tensor.hostFloats() == [0, 0])
      #expect(backend.takeTimings().total > .zero)
    }
  }

  @Test func `timings are of what ran since they were last taken`() throws {
    var timings = OperationTimings()
    timings[.attention] += .seconds(2)
    timings[.products] += .seconds(1)
    #expect(timings[.attention] == .seconds(2))
    #expect(timings[.optimizer] == .zero)
    #expect(timings.total == .seconds(3))
  }
}
