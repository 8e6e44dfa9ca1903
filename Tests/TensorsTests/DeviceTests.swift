import Tensors
import Testing

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

  @Test func `timings are of what ran since they were last taken`() throws {
    var timings = OperationTimings()
    timings[.attention] += .seconds(2)
    timings[.products] += .seconds(1)
    #expect(timings[.attention] == .seconds(2))
    #expect(timings[.optimizer] == .zero)
    #expect(timings.total == .seconds(3))
  }
}
