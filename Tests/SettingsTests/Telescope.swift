import Files
import Settings

/// Something with a setting of every kind.
struct Telescope: Configurable, Equatable {
  enum Mount: String, CaseIterable { case fork, german }

  var aperture = 0.25
  var mirrors = 2
  var filters: Int?
  var mount = Mount.fork
  var isCooled = false
  var targets = ["M31"]
  var motto = "per aspera"
  var sign: String?
  var twin: String?
  var log: String?
  var lenses = 1
  var finish = Mount.fork
  var isNew = true

  var declarations: [Setting<Telescope>] {
    [
      .number("aperture", \.aperture, in: 0...10, "Diameter of the mirror in metres."),
      .integer(
        "mirrorCount", \.mirrors, in: 1...4, option: .named("mirrors"), scope: .trigger,
        "Mirrors in the path of light."),
      .integer("filterCount", \.filters, in: 1...8, "Filters in the wheel."),
      .choice("mount", \.mount, "How it is mounted."),
      .flag("isCooled", \.isCooled, option: .none, "Whether the camera is cooled."),
      .texts("targets", \.targets, scope: .trigger, identity: "objects", "What it looks at."),
      .text("motto", \.motto, "What is written on it."),
      .text("sign", \.sign, "What is written beside it, if anything."),
      .model("twin", \.twin, "The other one, in a directory."),
      .source("log", \.log, scope: .triggerInput, "What was seen so far, in a file."),
      .integer("lenses", \.lenses, in: 1...4, scope: .testTrigger, omitting: 1, "Of the finder."),
      .choice("finish", \.finish, scope: .trigger, omitting: .fork, "What it looks like."),
      .flag("isNew", \.isNew, omitting: true, "Whether it was bought new."),
    ]
  }

  mutating func follow(_ recipe: Recipe) { aperture = recipe == .paper ? 0.5 : 0.75 }
}
