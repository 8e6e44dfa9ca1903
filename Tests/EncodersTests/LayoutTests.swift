import Checkpoints
import Encoders
import Tensors
import Testing

@Suite struct `A parameter layout` {
  @Test(arguments: ModelFamily.allCases, ClassifierKind.allCases)
  func `has every checkpoint name exactly once`(family: ModelFamily, head: ClassifierKind) {
    let configuration = configuration(family)
    let layout = ParameterLayout(configuration, classifier: head)
    let table = ParameterTable(configuration, classifier: head).parameters
    #expect(layout.slots.map(\.name).sorted() == table.map(\.name).sorted())
    for parameter in table {
      #expect(layout.contains(parameter.name))
      #expect(layout[parameter.name].shape == parameter.shape, "\(parameter.name)")
    }
    #expect(!layout.contains("head.other"))
  }

  @Test(arguments: ModelFamily.allCases)
  func `gives every parameter room of its own, embeddings first`(family: ModelFamily) {
    let layout = ParameterLayout(configuration(family), classifier: .native)
    for (slot, next) in zip(layout.slots, layout.slots.dropFirst()) {
      #expect(slot.offset + slot.count <= next.offset, "\(slot.name) runs into \(next.name)")
    }
    let embeddings = layout.slots.filter {
      $0.name.hasPrefix("embeddings.") && !$0.name.contains("norm")
    }
    #expect(embeddings.allSatisfy { $0.offset + $0.count <= layout.embeddingCount })
    #expect(layout.slots.filter { $0.offset < layout.embeddingCount } == embeddings)
    #expect(layout.slots.last.map { $0.offset + $0.count <= layout.count } == true)
  }

  @Test func `puts query, key and value of a layer side by side`() {
    let layout = ParameterLayout(configuration(.bert), classifier: .linear)
    for layer in 0..<2 {
      for part in ["weight", "bias"] {
        let slots = ["query", "key", "value"].map {
          layout["layers.\(layer).attention.\($0).\(part)"]
        }
        #expect(slots[0].offset + slots[0].count == slots[1].offset)
        #expect(slots[1].offset + slots[1].count == slots[2].offset)
      }
    }
  }

  @Test func `cuts one block into its parameters`() throws {
    let layout = ParameterLayout(configuration(.roberta), classifier: .native)
    let block = try ParameterBlock(layout, on: CPUBackend.shared)
    for (index, slot) in layout.slots.enumerated() {
      try block[slot.name].write([Float](repeating: Float(index + 1), count: slot.count))
    }
    let copy = try block.copy()
    try block[layout.slots[0].name].write(
      [Float](repeating: -1, count: layout.slots[0].count))
    let flat = try copy.flat.hostFloats()
    for (index, slot) in layout.slots.enumerated() {
      #expect(flat[slot.offset..<slot.offset + slot.count].allSatisfy { $0 == Float(index + 1) })
    }
    // The gaps between parameters stay at zero, or they would count in the gradient's norm.
    #expect(flat.count { $0 == 0 } == layout.count - layout.slots.map(\.count).reduce(0, +))
  }

  private func configuration(_ family: ModelFamily) -> EncoderConfiguration {
    EncoderConfiguration(
      family: family, layerCount: 2, headCount: 3, hiddenSize: 15, intermediateSize: 7,
      vocabularySize: 11, maximumPositionCount: 9, labels: ["a", "b", "c"])
  }
}
