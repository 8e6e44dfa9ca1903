/// English words whose part in a sentence hardly depends on it.
enum Vocabulary {
  static let clitics = ["n't", "'s", "'re", "'ve", "'ll", "'d", "'m"]
  static let abbreviations = words("mr. mrs. ms. dr. st. jr. sr. prof. vs. etc. e.g. i.e. no. vol.")
  /// Marks that part clauses.
  static let pauses = words(", ; : - -- – — / ... …")

  static let articles = words("a an the")
  static let possessives = words("my your his her its our their")
  static let determiners = articles.union(possessives).union(
    words("this that these those some any no every each another both all many few several such"))
  static let numbers = words("one two three four five six seven eight nine ten half dozen")
  /// Those that are subjects, though not all of them always.
  static let pronouns = words("i you he she it we they")
  static let subjects = pronouns.union(
    words("there who everyone everybody someone nobody"))
  static let objects = words("me you him her it us them one myself yourself itself themselves")
  static let demonstratives = words("this that these those here everything nothing something")
  /// What "'s" is a verb after.
  static let contracting = subjects.union(demonstratives)
    .union(words("what where how when why let"))
  static let relatives = words("that who which whom whose where what how why whatever")
  static let subordinators = words(
    "because if when whenever while although though since until till unless once before after"
      + " whereas as than wherever lest")
  static let coordinators = words("and but or nor yet")
  static let prepositions = words(
    "of in on at by for with from to into onto about over under between among through during"
      + " without within against across behind beyond despite like than as near off out up down"
      + " around toward towards upon via per above along below beside besides inside throughout"
      + " outside except unlike")
  static let adverbs = words(
    "not n't never ever always also just still even only too so very quite rather almost often"
      + " seldom sometimes perhaps maybe again already soon then thus once both most more less"
      + " much far well yet indeed instead however somehow somewhat otherwise nevertheless"
      + " nonetheless now simply all least overall lately unfortunately sadly personally")
  /// Adverbs that a command may begin with.
  static let urging = words("just please so then")
  static let modals = words(
    "can could will would may might must should shall ca wo cannot 'll 'd")
  static let forms = words("is are was were am 's 're 'm")
  static let interjections = words(
    "yes no wow ugh yuck oh hmm ok okay thanks bravo hello meh yawn huh ah alas amen blah hooray")
  /// Adverbs and prepositions that a verb goes with more often than a noun does.
  static let particles = words(
    "like up down out off away back along around through into onto past over across toward"
      + " towards together apart forward ahead")
  static let auxiliaries = words("do does did has have had").union(forms).union(modals)
  /// Nouns that stand with an article.
  static let countable = words(
    "film movie story plot script screenplay comedy drama thriller picture documentary book show"
      + " game place phone camera product ending song company character sequel player restaurant"
      + " experience idea mess masterpiece effort adaptation tale piece waste exercise treat"
      + " surprise disappointment performance melodrama romance debut success failure disaster"
      + " spectacle remake spinoff satire joke concept psychodrama chiller tearjerker triumph"
      + " bore delight hotel device machine album toy soundtrack job spoof")
  /// Nouns before a verb that could be a noun too.
  static let things = words(
    "film movie story plot script screenplay director cast comedy drama thriller picture"
      + " documentary book show game place food service product phone camera product audience"
      + " actor actress writer viewer ending dialogue acting music song company author man woman"
      + " one people performance character series sequel filmmaker")
  static let plurals = words("films movies people things times books songs actors characters jokes")

  /// Whether a capital letter at the beginning of a sentence says nothing about the word.
  static func knows(_ word: String) -> Bool {
    isFunctional(word) || adverbs.contains(word) || interjections.contains(word)
      || things.contains(word) || plurals.contains(word) || Verbs.knows(word)
      || word.hasSuffix("ly") || word.hasSuffix("ing") && word.count > 5
  }

  /// Whether it belongs to the grammar rather than to what is spoken of.
  static func isFunctional(_ word: String) -> Bool { functional.contains(word) }

  private static let functional = determiners.union(subjects).union(objects).union(relatives)
    .union(subordinators).union(coordinators).union(prepositions).union(modals).union(forms)
    .union(numbers).union(demonstratives).union(clitics)
    .union(words("has have had does do did been being be not let's"))

  static func words(_ text: String) -> Set<String> {
    Set(text.split(separator: " ").map(String.init))
  }
}
