import Files
import TestSupport
import Testing

@testable import Checkpoints

/// Random damage must end in an error or in another valid value, never in a trap.
@Suite struct DamageTests {
  private func damaged(_ whole: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
    var bytes = whole
    for _ in 0...Int.random(in: 0..<3, using: &generator) {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[place] = .random(in: .min ... .max, using: &generator)
      // Digits lead past the parser, into the checks of sizes and offsets.
      case 1: bytes[place] = UInt8(ascii: "0") + .random(in: 0...9, using: &generator)
      case 2: bytes.insert(UInt8(ascii: "9"), at: place)
      default: if bytes.count > 1 { bytes.remove(at: place) }
      }
    }
    return bytes
  }

  @Test func `a damaged header is refused or describes the file`() {
    let file = RawSafetensors.file([RawTensor("a.weight", [3, 2]), RawTensor("a.bias", [3])])
    let header = Array(file[8..<(file.count - 36)])
    var generator = SplitMix(seed: 2)
    var refusals: Set<String> = []
    for _ in 0..<20_000 {
      let bytes = damaged(header, &generator)
      do {
        let table = try SafetensorsHeader(
          parsing: bytes, file: "a", fileSize: 8 + bytes.count + 36)
        #expect(table.entries.reduce(0) { $0 + $1.range.count } == 36)
      } catch {
        refusals.insert(error.problem)
      }
    }
    // The damage reaches beyond the parser: many different checks have refused it.
    #expect(refusals.count > 20)
  }

  @Test(arguments: ModelFamily.allCases)
  func `a damaged configuration is refused or describes a model`(family: ModelFamily) {
    let config = JSONValue.object(TinyModel.config(family)).serialized()
    var generator = SplitMix(seed: 3)
    var refusals: Set<String> = []
    for _ in 0..<20_000 {
      let bytes = damaged(config, &generator)
      do throws(InputError) {
        let node = JSONNode(try JSONValue(parsing: bytes, file: "a"), file: "a")
        let configuration = try EncoderConfiguration(node)
        let again = configuration.merged(
          into: try node.object(), hasNativeHead: true, weights: .float32)
        #expect(try EncoderConfiguration(JSONNode(.object(again), file: "b")) == configuration)
      } catch {
        refusals.insert(error.problem)
      }
    }
    #expect(refusals.count > 20)
  }
}
