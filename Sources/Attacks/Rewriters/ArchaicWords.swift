/// Words of today and those of the King James Bible. None that judges is among them: what a text
/// is labelled for stays in it.
enum ArchaicWords {
  /// Verbs that agree with "he", and forms of two words.
  static let auxiliaries = [
    "is": "is", "are": "are", "was": "was", "were": "were", "has": "hath", "have": "have",
    "had": "had", "does": "doth", "do": "do", "did": "did", "will": "shall", "wo": "shall",
    "would": "would", "can": "can", "ca": "can", "could": "could", "should": "should",
    "must": "must", "may": "may", "might": "might", "'re": "are", "'ve": "have", "'ll": "shall",
    "'d": "would", "'m": "am", "ai": "is", "sha": "shall", "need": "need",
  ]

  /// The same after "thou".
  static let withThou = [
    "are": "art", "'re": "art", "have": "hast", "'ve": "hast", "had": "hadst", "do": "dost",
    "did": "didst", "will": "wilt", "wo": "wilt", "'ll": "shalt", "shall": "shalt",
    "would": "wouldst", "'d": "wouldst", "can": "canst", "ca": "canst", "could": "couldst",
    "should": "shouldst", "must": "must", "may": "mayest", "might": "mightest", "were": "wert",
    "was": "wast",
  ]

  static let verbs = ["want": "desire", "happen": "befall", "show": "shew"]

  /// Expressions, the longer ones first.
  static let expressions: [(old: [String], new: String)] = [
    ("a lot of", "a multitude of"), ("a bunch of", "a multitude of"),
    ("lots of", "a multitude of"), ("plenty of", "an abundance of"), ("because of", "by reason of"),
    ("even though", "albeit"),
    ("i think", "methinks"), ("i guess", "methinks"), ("as well as", "and also"),
    ("at least", "at the least"), ("of course", "of a truth"), ("for example", "as it were"),
    ("each other", "one another"), ("right now", "at this hour"), ("so far", "unto this day"),
    ("in front of", "before the face of"), ("instead of", "in the stead of"),
    ("next to", "hard by"), ("no one", "no man"), ("years ago", "years past"),
  ].map { ($0.0.split(separator: " ").map(String.init), $0.1) }

  /// Single words.
  static let words = [
    "although": "albeit",
    "between": "betwixt", "among": "amongst", "often": "oft", "maybe": "peradventure",
    "perhaps": "peradventure", "probably": "peradventure", "almost": "well nigh",
    "nearly": "well nigh", "very": "exceeding", "extremely": "exceeding",
    "really": "verily", "truly": "verily", "nothing": "naught", "anything": "aught",
    "everything": "every thing", "everyone": "every man", "everybody": "every man",
    "anyone": "any man", "anybody": "any man", "someone": "a certain man",
    "somebody": "a certain man", "nobody": "no man", "on": "upon", "also": "likewise",
    "however": "howbeit", "besides": "moreover", "until": "till", "always": "alway",
    "soon": "anon", "yes": "yea", "oh": "o", "kids": "children",
    "kid": "child", "guy": "man", "guys": "men", "mom": "mother", "dad": "father",
    "story": "tale", "stories": "tales", "people": "folk", "toward": "towards",
    "yesterday": "yesternight", "seldom": "scarce ever", "hardly": "scarcely",
    "especially": "above all",
    "apparently": "as it seemeth", "essentially": "in substance", "basically": "in substance",
    "definitely": "of a surety", "certainly": "of a surety",
    "actually": "in very deed", "despite": "notwithstanding",
  ]
}
