import Stages
import Testing

@Suite struct `What a method may see` {
  @Test func `is told apart by name and sentence`() {
    let all = Knowledge.allCases
    #expect(Set(all.map(\.title)).count == all.count && Set(all.map(\.summary)).count == all.count)
    #expect(all.allSatisfy { !$0.title.isEmpty && !$0.summary.hasSuffix(".") })
  }

  @Test func `is listed with those together that see the same`() {
    let methods: [Knowledge.Sight] = [
      ("a", [.cleanTexts]), ("b", [.cleanTexts, .cleanModel, .trigger]), ("c", [.cleanTexts]),
      ("d", []),
    ]
    #expect(
      Knowledge.groups(of: methods)
        == "clean texts (a, c); clean texts, a clean model and the trigger (b); nothing (d)")
    let meanings = Knowledge.meanings(of: methods)
    #expect(meanings.hasPrefix("Clean texts: labelled texts"))
    #expect(meanings.contains(". A clean model: one of ") && meanings.contains(". The trigger: "))
    #expect(!meanings.contains("Paraphrases"))
  }
}
