import Encoders
import Files
import Settings
import Stages
import TestSupport
import Testing
import Text
import Training

@testable import Scans

@Suite struct `The search for tokens` {
  private let suspect: TinySuspect
  private let scratch: Scratch

  init() throws {
    suspect = try TinySuspect()
    scratch = try Scratch()
  }

  @Test func `declares its settings soundly`() throws {
    #expect(try settingFlaws(of: TokenSearch()).isEmpty)
  }

  @Test func `comes back from a document`() throws {
    var search = TokenSearch()
    (search.texts, search.shortlist, search.phraseLength) = (7, 100, 2)
    let stage = TokenScanStage(search, source: 2, outputs: [1, 2, 0], seed: 5)
    let again = try TokenScanStage(JSONNode(stage.parameters, file: "stage.json"))
    #expect(again.parameters == stage.parameters && again.title == stage.title)
    #expect(throws: InputError.self) {
      try TokenScanStage(
        JSONNode(
          TokenScanStage(search, source: 3, outputs: [0, 1], seed: 5).parameters,
          file: "stage.json"))
    }
  }

  private func clean(seed: UInt64, texts: Int = 64) throws -> CleanTexts {
    var search = TokenSearch()
    search.texts = texts
    let all = suspect.texts(80)
    // Whatever the random model says most often.
    let predictions = try suspect.probe.logits(all).map { predictedClass($0) }
    let source = (0..<3).max { first, second in
      predictions.count { $0 == first } < predictions.count { $0 == second }
    }
    return try CleanTexts(all, source: source ?? 0, for: search, suspect.probe, seed: seed)
  }

  @Test func `counts on texts that it has not searched with`() throws {
    let texts = try clean(seed: 1)
    #expect(texts.search.count == min(TokenSearch.searchTexts, texts.rightCount / 2))
    #expect(texts.heldOut.count == min(64, texts.rightCount - texts.search.count))
    let beginnings = texts.heldOut.map { Array($0.pieces.prefix(TokenSearch.searchLength)) }
    // The texts are all different.
    #expect(Set(texts.search.map(\.pieces)).isDisjoint(with: beginnings))
    #expect(try clean(seed: 1, texts: 3).heldOut.count == 3)
  }

  @Test func `draws the same texts for a seed, and others for another`() throws {
    let (one, same, other) = (try clean(seed: 1), try clean(seed: 1), try clean(seed: 2))
    #expect(one.search == same.search && one.heldOut == same.heldOut)
    #expect(one.search != other.search)
  }

  private func screened(
    _ state: SearchState<Response>, isCancelled: @escaping () -> Bool = { false }
  ) throws -> [Response] {
    let probe = Probe(suspect.probe.model, suspect.source.tokenizer, isCancelled: isCancelled)
    return try TokenSearch().screen(suspect.source.tokenizer.spellableIDs, state) {
      try probe.responses(to: $0, in: suspect.carriers(4))
    } progress: {
      _ in
    }
  }

  @Test func `goes on where it was interrupted, and with nobody else's state`() throws {
    let state = SearchState<Response>(in: scratch.path, key: "a key")
    let whole = try screened(state)
    #expect(whole.count == suspect.source.tokenizer.spellableIDs.count)
    // What is kept is believed: a mark in it shows that it is not computed again.
    var mark = Array(whole.prefix(20))
    mark[3].counts = [7, 7, 7]
    try state.save(mark)
    #expect(throws: Interruption.self) { try screened(state) { true } }
    #expect(try screened(state) == mark + whole.dropFirst(20))

    let file = scratch.file(try #require(try scratch.names().first))
    let other = SearchState<Response>(in: scratch.path, key: "a key")
    #expect(try other.load(upTo: 20) == mark)
    #expect(throws: InputError.self) { try other.load(upTo: 19) }
    let text = String(decoding: try ByteFile.contents(of: file), as: UTF8.self)
    for (old, new) in [("[7,7,7]", "[7,7,8]"), ("a key", "b key")] {
      try #require(text.contains(old))
      try AtomicFile.write(Array(text.replacing(old, with: new).utf8), to: file)
      #expect(throws: InputError.self) { try other.load(upTo: 20) }
    }
  }

  @Test func `keeps margins of the largest logits that there are`() throws {
    let largest = Float.greatestFiniteMagnitude
    let response = Response([[largest, -largest], [largest, -largest]])
    let state = SearchState<Response>(in: scratch.path, key: "a key")
    try state.save([response])
    #expect(try state.load(upTo: 1) == [response])
  }

  @Test func `finds what 99 percent do not exceed`() {
    let responses = (1...200).shuffled().map {
      Response(margins: [Double($0), -Double($0)], counts: [$0, 200 - $0])
    }
    let percentile = Response.percentile99(of: responses)
    #expect(percentile == Response(margins: [198, -3], counts: [198, 197]))
  }
}
