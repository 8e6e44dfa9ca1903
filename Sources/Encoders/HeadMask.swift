public import Checkpoints
public import Tensors

/// Which attention heads are alive, by layer and head; travels from a defence to the attention kernel unchanged.
public struct HeadMask: Equatable, Sendable {
  /// `alive[layer][head]`.
  public private(set) var alive: [[Bool]]

  /// Every head alive.
  public init(layerCount: Int, headCount: Int) {
    alive = Array(repeating: Array(repeating: true, count: headCount), count: layerCount)
  }

  /// Every head alive but those listed by layer.
  public init(layerCount: Int, headCount: Int, pruned: [[Int]]) {
    self.init(layerCount: layerCount, headCount: headCount)
    for (layer, heads) in pruned.enumerated() { for head in heads { self[layer, head] = false } }
  }

  /// Every head alive but those that the checkpoint says are pruned.
  public init(of checkpoint: ModelCheckpoint) {
    self.init(
      layerCount: checkpoint.configuration.layerCount,
      headCount: checkpoint.configuration.headCount, pruned: checkpoint.prunedHeads)
  }

  /// Whether a head is alive.
  public subscript(layer: Int, head: Int) -> Bool {
    get { alive[layer][head] }
    set { alive[layer][head] = newValue }
  }

  /// Layers of the model.
  public var layerCount: Int { alive.count }
  /// Heads of a layer.
  public var headCount: Int { alive.first?.count ?? 0 }
  /// Heads that are masked, by layer, ascending.
  public var pruned: [[Int]] { alive.map { row in row.indices.filter { !row[$0] } } }
  /// How many heads are masked.
  public var prunedCount: Int { alive.joined().count { !$0 } }

  /// [layers, heads] of 0 and 1 on a device.
  public func tensor(on backend: any Backend) throws(DeviceError) -> Tensor {
    try Tensor(
      alive.flatMap { $0.map { $0 ? Float(1) : 0 } }, shape: [layerCount, headCount], on: backend)
  }
}
