import Files
import Settings
import TestSupport
import Testing

/// A plan's object.
private func node(_ text: String) throws -> JSONNode {
  try JSONNode(JSONValue(parsing: Array(text.utf8), file: "plan.json"), file: "plan.json")
}

/// Paths of plans stand for others.
private func absolute(_ node: JSONNode) throws(InputError) -> String { "/" + (try node.string()) }

@Suite struct `Settings` {
  @Test func `take what an object says, and nothing else`() throws {
    var telescope = Telescope()
    try telescope.apply(
      node(
        #"""
        {"mirrorCount": 3, "filterCount": 5, "mount": "german", "isCooled": true,
         "targets": ["M42", "two words"], "motto": "ad astra", "sign": "no entry",
         "twin": "other", "log": "log.tsv", "epochs": 3,
         "objects": ["an identity's key is none of a plan's"], "aperture": null}
        """#), path: absolute)
    var expected = Telescope()
    (expected.mirrors, expected.filters, expected.mount, expected.isCooled) = (3, 5, .german, true)
    (expected.targets, expected.motto) = (["M42", "two words"], "ad astra")
    (expected.sign, expected.twin, expected.log) = ("no entry", "/other", "/log.tsv")
    #expect(telescope == expected)
  }

  @Test(arguments: [
    (#"{"aperture": "wide"}"#, "aperture: is a string where a finite number is due"),
    (#"{"aperture": 11}"#, "aperture: is 11.0, outside 0.0 to 10.0"),
    (#"{"mirrorCount": 1.5}"#, "mirrorCount: is 1.5 where an integer is due"),
    (#"{"mirrorCount": 5}"#, "mirrorCount: is 5, outside 1 to 4"),
    (#"{"filterCount": 0}"#, "filterCount: is 0, outside 1 to 8"),
    (#"{"mount": "forks"}"#, #"mount: is "forks"; did you mean "fork"?"#),
    (#"{"isCooled": 1}"#, "isCooled: is 1 where true or false is due"),
    (#"{"targets": []}"#, "targets: has no word in it, or a blank one; name at least one"),
    (#"{"targets": ["M31", " "]}"#, "targets: has no word in it, or a blank one"),
    (#"{"targets": ["M31", 7]}"#, "targets[1]: is 7 where a string is due"),
    (#"{"motto": " \t"}"#, "motto: is blank; write a text"),
    (#"{"sign": ""}"#, "sign: is blank; write a text"),
    (#"{"twin": {}}"#, "twin: is an object where a string is due"),
    (#"{"log": 1}"#, "log: is 1 where a string is due"),
  ])
  func `refuse what is no value of theirs, under their name`(text: String, error: String) throws {
    var telescope = Telescope()
    let thrown = #expect(throws: InputError.self) {
      try telescope.apply(node(text), path: absolute)
    }
    #expect(thrown?.description.hasPrefix("plan.json, " + error) == true)
    #expect(telescope == Telescope())
  }

  /// What they name counts by its content, as an input of stages.
  @Test func `are in an identity by key and in order, all but those that name files`() throws {
    #expect(
      JSONValue.object(Telescope().identity()).text()
        == #"{"aperture":0.25,"mirrorCount":2,"filterCount":null,"mount":"fork","isCooled":false,"#
        + #""objects":["M31"],"motto":"per aspera","sign":null}"#)
  }

  @Test func `come back from an identity, whole or by scope`() throws {
    var telescope = Telescope()
    (telescope.aperture, telescope.mirrors, telescope.filters) = (1.5, 4, 8)
    (telescope.targets, telescope.sign) = (["M1", "é"], "no entry")
    let identity = JSONNode(.object(telescope.identity()), file: "stage.json")
    var whole = Telescope()
    try whole.restore(identity)
    #expect(whole == telescope)

    var triggers = Telescope()
    try triggers.restore(identity, scope: .trigger)
    #expect(triggers.mirrors == 4 && triggers.targets == ["M1", "é"])
    #expect(triggers.aperture == 0.25 && triggers.filters == nil)
    #expect(telescope.identity(.trigger).keys == ["mirrorCount", "objects"])
    #expect(
      telescope.identity(.method).keys
        == ["aperture", "filterCount", "mount", "isCooled", "motto", "sign"])
  }

  @Test func `are left out of an identity where they say what held before there was a choice`()
    throws
  {
    var telescope = Telescope()
    let before = telescope.identity()
    (telescope.lenses, telescope.finish, telescope.isNew) = (3, .german, false)
    #expect(telescope.identity().keys == before.keys + ["lenses", "finish", "isNew"])
    #expect(telescope.identity(.testTrigger).keys == ["lenses"])
    #expect(telescope.identity(.trigger).keys == ["mirrorCount", "objects", "finish"])
    // What is left out is meant all the same, whatever the value is that takes it.
    try telescope.restore(JSONNode(.object(before), file: "stage.json"))
    #expect(telescope == Telescope())
  }

  @Test func `have options that are named after them, unless told otherwise`() {
    let options = Telescope().descriptions.map(\.option)
    #expect(
      options == [
        "aperture", "mirrors", "filter-count", "mount", nil, "targets", "motto", "sign", "twin",
        "log", "lenses", "finish", "is-new",
      ])
  }

  @Test func `are described with the value of each recipe`() throws {
    let descriptions = Telescope().descriptions
    let aperture = try #require(descriptions.first)
    #expect(aperture.name == "aperture" && aperture.summary == "Diameter of the mirror in metres.")
    #expect(aperture.defaults == [.paper: .double(0.5), .reference: .double(0.75)])
    #expect(descriptions[2].defaults == [.paper: .null, .reference: .null])
    #expect(
      descriptions.filter(\.scope.concernsTriggers).map(\.name)
        == ["mirrorCount", "targets", "log", "lenses", "finish"])
    #expect(descriptions.filter(\.scope.isInput).map(\.name) == ["twin", "log"])
    #expect(
      descriptions.map(\.shape) == [
        .number(0...10), .integer(1...4), .integer(1...8), .choice(["fork", "german"]), .flag,
        .texts, .text, .text, .model, .source, .integer(1...4), .choice(["fork", "german"]), .flag,
      ])
  }
}

/// The checker that tests of attacks, defences and training rely on.
@Suite struct `Flaws of settings` {
  @Test func `are not found in sound ones`() throws {
    #expect(try settingFlaws(of: Telescope()) == [])
  }

  @Test func `are found where a name, an option or a summary is wrong`() throws {
    let size = Setting<Faulty>.integer("size", \.size, in: 0...9, "Size of it all.")
    let other = Setting<Faulty>.integer(
      "width", \.size, in: 0...9, option: .named("size"), "Size of it all.")
    let silent = Setting<Faulty>.integer("width", \.size, in: 0...9, "Size of it all")
    let twice = #"["size", "size"] are not all different"#
    #expect(try settingFlaws(of: Faulty([size, size])) == [twice, twice, twice])
    #expect(try settingFlaws(of: Faulty([size, other])) == [twice])
    #expect(
      try settingFlaws(of: Faulty([size, silent])) == ["width has no sentence: Size of it all"])
  }

  @Test func `are found where a value is not kept, not found again or not refused`() throws {
    let forgetful = Setting<Faulty>("size", .integer(1...9), "Size of it all.") { _ in
      1
    } write: { root, node throws(InputError) in
      root.size = try node.int()
    }
    let flaws = try settingFlaws(of: Faulty([forgetful]))
    #expect(flaws == ["size does not keep 9", "size takes 0", "size takes 10"])
  }

  @Test func `are found where an identity leaves out a setting or reads it otherwise`() throws {
    let lost = Setting<Faulty>("size", .integer(1...9), "Size of it all.") { root in
      .int(root.size)
    } write: { root, node throws(InputError) in
      let size = try node.int(in: 1...9)
      root.size = node.file == "stage.json" ? 10 - size : size
    }
    #expect(
      try settingFlaws(of: Faulty([lost])) == ["size is lost with 1", "size is lost with 9"])
  }

  private struct Faulty: Configurable {
    var size = 1
    let declarations: [Setting<Faulty>]

    init(_ declarations: [Setting<Faulty>]) { self.declarations = declarations }

    mutating func follow(_ recipe: Recipe) {}
  }
}
