import Checkpoints

#if canImport(Glibc)
  import Glibc
#endif

/// A whole encoder in Double with every attention row written out, as plain as can be: the witness of what the engine
/// computes without ever storing an attention matrix.
struct ReferenceEncoder {
  typealias Matrix = [[Double]]

  let checkpoint: ModelCheckpoint
  private var configuration: EncoderConfiguration { checkpoint.configuration }

  /// The attention of [CLS] to every token of one text, `[layer][head][key]`; masked heads attend to nothing.
  func clsAttention(_ ids: [Int32], alive: [[Bool]]) -> [[[Double]]] {
    var hidden = embed(ids)
    var rows: [[[Double]]] = []
    for layer in 0..<configuration.layerCount {
      let prefix = "layers.\(layer)"
      let query = linear(hidden, "\(prefix).attention.query")
      let key = linear(hidden, "\(prefix).attention.key")
      let value = linear(hidden, "\(prefix).attention.value")
      var context = Matrix(repeating: [], count: ids.count)
      rows.append([])
      for head in 0..<configuration.headCount {
        let columns = head * configuration.headSize..<(head + 1) * configuration.headSize
        let gate = alive[layer][head] ? 1.0 : 0
        let attention = query.map { row in
          softmax(
            key.map { dot(row[columns], $0[columns]) / Double(columns.count).squareRoot() })
        }
        rows[layer].append(attention[0].map { $0 * gate })
        for (token, weights) in attention.enumerated() {
          context[token] += columns.map { column in
            gate * zip(weights, value).reduce(0) { $0 + $1.0 * $1.1[column] }
          }
        }
      }
      hidden = normalize(
        add(hidden, linear(context, "\(prefix).attention.output")), "\(prefix).attention.norm")
      let activated = linear(hidden, "\(prefix).feedForward.intermediate").map { row in
        row.map { $0 * (1 + erf($0 / 2.0.squareRoot())) / 2 }
      }
      hidden = normalize(
        add(hidden, linear(activated, "\(prefix).feedForward.output")),
        "\(prefix).feedForward.norm")
    }
    return rows
  }

  private func embed(_ ids: [Int32]) -> Matrix {
    let (word, position) = (
      matrix("embeddings.word.weight"), matrix("embeddings.position.weight")
    )
    let type =
      configuration.tokenTypeCount > 0
      ? matrix("embeddings.tokenType.weight")[0]
      : [Double](repeating: 0, count: configuration.hiddenSize)
    let sums = ids.enumerated().map { index, id in
      zip(zip(word[Int(id)], position[index + configuration.positionOffset]), type).map {
        $0.0 + $0.1 + $1
      }
    }
    return normalize(sums, "embeddings.norm")
  }

  private func vector(_ name: String) -> [Double] {
    guard let tensor = checkpoint.parameters[name] else {
      preconditionFailure("the checkpoint has no \(name)")
    }
    return tensor.values.map(Double.init)
  }

  private func matrix(_ name: String) -> Matrix {
    let values = vector(name)
    let columns = checkpoint.parameters[name]?.shape[1] ?? 1
    return stride(from: 0, to: values.count, by: columns).map {
      Array(values[$0..<$0 + columns])
    }
  }

  private func linear(_ input: Matrix, _ name: String) -> Matrix {
    let (weight, bias) = (matrix("\(name).weight"), vector("\(name).bias"))
    return input.map { row in zip(weight, bias).map { dot(row[...], $0[...]) + $1 } }
  }

  private func normalize(_ input: Matrix, _ name: String) -> Matrix {
    let (scale, offset) = (vector("\(name).weight"), vector("\(name).bias"))
    return input.map { row in
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      let root = (variance + configuration.layerNormEpsilon).squareRoot()
      return zip(zip(row, scale), offset).map { ($0.0 - mean) / root * $0.1 + $1 }
    }
  }

  private func add(_ one: Matrix, _ other: Matrix) -> Matrix {
    zip(one, other).map { zip($0, $1).map { $0 + $1 } }
  }

  private func dot(_ one: ArraySlice<Double>, _ other: ArraySlice<Double>) -> Double {
    zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func softmax(_ scores: [Double]) -> [Double] {
    let largest = scores.max() ?? 0
    let exponentials = scores.map { exp($0 - largest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }
}
