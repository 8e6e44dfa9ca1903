import Tensors

extension AttentionOperation {
  static let cases: [Case] = {
    typealias A = AttentionOperation
    let drop = Dropout(probability: 0.1, seed: 0xFEDC_BA98_7654_3210, step: 12, site: 4)
    let halfDrop = Dropout(probability: 0.5, seed: 5, step: 1, site: 1, firstRow: 21)
    let mixed = [1, 7, 2, 17]
    let small = [
      A([1], heads: 1, size: 1),
      A([1, 1, 1], heads: 2, size: 7, dropout: drop, norm: .term(jointBatch: false)),
      A(mixed, heads: 3, size: 7),
      A(mixed, heads: 3, size: 7, isInference: true),
      A(mixed, heads: 3, size: 7, mask: [0, 0, 0], norm: .term(jointBatch: true)),
      A(mixed, heads: 3, size: 21, mask: [1, 0, 1], dropout: drop),
      A(mixed, heads: 2, size: 8, dropout: halfDrop),
      A([5, 3], heads: 2, size: 7, prefix: 4),
      A([5, 9], heads: 2, size: 7, dropout: halfDrop, prefix: 4, afterDropout: true),
      A(mixed, heads: 2, size: 5, mask: [0, 1], norm: .coefficient),
      A(mixed, heads: 2, size: 5, dropout: drop, norm: .coefficient),
      A(mixed, heads: 2, size: 5, dropout: drop, afterDropout: true, norm: .coefficient),
      A(mixed, heads: 3, size: 4, mask: [1, 1, 0], norm: .term(jointBatch: false)),
      A(mixed, heads: 3, size: 4, mask: [1, 1, 0], norm: .term(jointBatch: true)),
      A(
        mixed, heads: 3, size: 4, dropout: halfDrop, afterDropout: true,
        norm: .term(jointBatch: true)),
      A([15, 16, 17], heads: 1, size: 31), A([31, 32, 33], heads: 2, size: 33),
      A([63, 64, 65], heads: 1, size: 65), A([64, 63], heads: 2, size: 64, dropout: drop),
      A([130], heads: 1, size: 32, mask: [1], dropout: drop),
      A([23], heads: 2, size: 11, sharpness: 40),
      A(mixed, heads: 2, size: 9, mask: [1, 0], dropout: drop, norm: .coefficient, inert: 21),
      A([33, 2], heads: 2, size: 64, inert: 75),
      A([3], heads: 1, size: 8, isInference: true, inert: 1),
    ]
    let sentences = (0..<32).map { 13 + ($0 * 7) % 27 }
    let realistic = [
      A(sentences, heads: 12, size: 32, dropout: drop),
      A(sentences, heads: 12, size: 32, dropout: drop, norm: .term(jointBatch: false)),
      A([128, 128], heads: 12, size: 64, dropout: drop),
    ]
    return Case.list(small) + Case.list(realistic, realistic: true)
  }()
}
