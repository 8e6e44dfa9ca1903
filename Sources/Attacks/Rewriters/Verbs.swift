/// English verbs that reviews use, and their endings.
enum Verbs {
  /// Infinitives whose third person is hardly ever a noun.
  static let plain = Vocabulary.words(
    "abandon abound absorb accept accompany accomplish accumulate achieve acknowledge"
      + " acquire add admit adore affirm agree aim allow amuse annoy appear apply appreciate"
      + " argue arrive ascend ask assume attend attract avoid become beg begin believe belong"
      + " bespeak boil borrow bother breathe bring broach buff build bury buy captivate"
      + " careen carry catch celebrate characterize cherish choose churn cohere collapse"
      + " combine come compel complain concede confirm confuse conjure connect consider"
      + " consist contain continue contradict convey convince crawl create criticize crumble"
      + " dabble dare dazzle decide define deflect defy degenerate deliver delve depend"
      + " depict derive descend deserve destroy deteriorate develop devolve devote die differ"
      + " dig disappear disappoint discover dissolve distinguish distort drag dwell earn eat"
      + " educate elevate embrace emerge emphasize employ emulate encompass encourage enhance"
      + " enjoy ensue enter entertain establish evaporate evoke exalt examine exceed excel"
      + " excite exist expand expect explain explore expose express extol exude fail falter"
      + " fascinate feel fill find flail follow forget forgive forgo frustrate fudge fulfill"
      + " gain gather generate get give go grow happen hate hear help herald hew ignite"
      + " ignore illuminate illustrate imagine imply improve include incorporate indicate"
      + " indulge inspire integrate intend interweave introduce invite invoke involve"
      + " irritate join jolt keep knock know lack languish lapse lead learn leave let lie"
      + " linger listen loom lose lurk maintain make manage mean meander meet melt mine"
      + " mingle miscalculate miss morph mourn occur offend offer ooze opt overcome overpower"
      + " overstay overwhelm owe pay perform permeate pluck plumb plummet ply portray pose"
      + " possess preach prefer present presume pretend prevail prevent proceed prompt propel"
      + " propose prove provide provoke put putter raise ramble read reaffirm realize"
      + " reassure recall receive recommend recount recreate recycle redeem reduce refer"
      + " refract refresh refuse rehash reign reinforce rekindle relate relive rely remain"
      + " remember remind render reopen represent require resemble reserve resonate respect"
      + " retain reveal revel reverberate revigorate revive rise rouse ruin sacrifice salvage"
      + " satisfy save say search see seek seem sell send serve set shatter shed shimmer"
      + " shine showcase sing sit situate sneak soar solve speak spend splatter sputter"
      + " squander squirt stagger stammer steal stifle straddle strive stroll stumble succeed"
      + " succumb suck suffer suffice suggest summon suppose surpass surrender survive"
      + " sustain swagger swear tackle take teach teeter tell tend thank threaten throw"
      + " titillate topple trample transcend transfix transform translate treat try undercut"
      + " undermine underplay understand understate unfold unfurl unite unleash veer verge"
      + " waft wallow want warrant waste watch waver wear weave weigh whet win wish wonder"
      + " wreck write yield zing")
  /// Those that are often nouns, or adjectives.
  static let doubtful = Vocabulary.words(
    "act amount answer appeal approach attempt balance bang base bear benefit bite blend"
      + " blow boast bog book border bore bounce bound box break burn call camp capture care"
      + " cast cater challenge change charge charm chart chronicle claim clash clock close"
      + " command compare compromise concern conflict contrast cook cost cover cradle cross"
      + " cry cuddle cut dance deal debut delight demand demonstrate depart desire detail"
      + " direct document doubt drain draw dream drift drive drop echo end escape excuse"
      + " experience face fall fare fear feature feed fight fit flaunt float flop flow focus"
      + " force frame fuel function gloss glow grab gravitate grip gross guess guide hang"
      + " hark harp haunt hide hinge hint hit hold hope hum hurt hype insist jam jar jump kick"
      + " kill last labor land laugh layer leap lend lift like limp line live look lot love lull"
      + " mark match matter mention mimic mistake mix mock move nail need note open operate"
      + " pace pack paint pass pick picture piece pile place plan plant play please plod plot"
      + " plunge point poke pop pour practice praise prepare press pride process produce"
      + " profit progress project promise pull pump push question race range rank rate reach"
      + " realise record reek reference reflect regard rent repeat resist rest result return"
      + " reward rework ride ring rip risk rob roll romp root rule run sag score scream"
      + " screen sense settle shadow shake shape share shift shock shoot show sink skate"
      + " sketch skim skip skirt slap slide slip slog smack smile snap soften sort sound"
      + " spare spark sparkle spin spiral spit spoof sport spread stage stall stand star"
      + " stare start state stay steer stem step stick sting stink stir stop strain stray"
      + " stretch strike struggle study sum support surface surprise surround suspect sweep"
      + " swing switch talk tank tap taste tear tease telegraph test think thrill thrive"
      + " throb thrust thumb tie tire top toss touch tour trace track trade trail trap travel"
      + " treasure trip trust turn twist twitch type update use value view visit vote wait"
      + " walk wander warm water wave wind wink wipe work worry wrap zip")
  /// What ends like a third person and never is one.
  private static let nouns = Vocabulary.words(
    "thanks always perhaps themselves ourselves yourselves towards sometimes series besides afterwards"
      + " minutes hours days years films movies scenes things sequels audiences viewers characters")
  private static let irregular: [String: String] = [
    "has": "have", "does": "do", "goes": "go", "undergoes": "undergo", "forgoes": "forgo",
  ]
  /// Past tenses that are no participles.
  static let past = Vocabulary.words(
    "took gave went came saw knew began fell wrote became did grew drew drove spoke chose wore"
      + " broke threw ate rose stole ran sang sank shook forgot")
  /// Past tenses that are participles as well.
  static let pastOrParticiple = Vocabulary.words(
    "made told found left lost felt kept held got had brought thought set put read said heard paid"
      + " meant met led bought caught built spent stood sat understood won taught sent")
  /// What a sentence that tells somebody to do something begins with.
  static let commands = Vocabulary.words(
    "be see skip avoid watch go run stay take get look make let do enjoy imagine think forget wait"
      + " give bring try buy read listen check expect consider call save rent beware catch keep"
      + " leave put send spend tell trust come remember bear add suffice ask prepare pick stick"
      + " cherish ignore behold pass stop treat reduce"
      + " stock")
  /// Those that are one alone.
  static let shortCommands = Vocabulary.words("skip avoid beware enjoy run")

  static func isBase(_ word: String) -> Bool { isPlain(word) || doubtful.contains(word) }

  /// Whether it is an infinitive and nothing else.
  static func isPlain(_ word: String) -> Bool {
    plain.contains(word)
      || word.count > 5 && ["ize", "ify", "ulate"].contains { word.hasSuffix($0) }
  }

  static func knows(_ word: String) -> Bool {
    isBase(word) || past.contains(word) || pastOrParticiple.contains(word)
      || base(ofThirdPerson: word).map(isBase) ?? false
  }

  /// The infinitive of what may be a third person: "tries" is one of "try".
  static func base(ofThirdPerson word: String) -> String? {
    if let base = irregular[word] { return base }
    guard word.count > 3, word.hasSuffix("s"), !nouns.contains(word),
      !["ss", "us", "is", "'s"].contains(String(word.suffix(2))),
      word.utf8.allSatisfy({ $0 >= 0x61 && $0 <= 0x7A || $0 == 0x2D })
    else { return nil }
    if word.hasSuffix("ies"), word.count > 4 { return word.dropLast(3) + "y" }
    for ending in ["sses", "ches", "shes", "xes", "zzes"] where word.hasSuffix(ending) {
      return String(word.dropLast(2))
    }
    return String(word.dropLast())
  }

  /// "looks" of "look".
  static func thirdPerson(of base: String) -> String {
    if let form = irregular.first(where: { $0.value == base })?.key { return form }
    if endsInConsonantAndY(base) { return base.dropLast() + "ies" }
    return ["s", "x", "z", "ch", "sh"].contains { base.hasSuffix($0) } ? base + "es" : base + "s"
  }

  /// "maketh" of "make", with "eth"; "makest", with "est".
  static func archaic(_ base: String, _ ending: String) -> String {
    if ending == "eth", let form = ["have": "hath", "do": "doth", "say": "saith"][base] {
      return form
    }
    if ending == "est", let form = ["have": "hast", "do": "dost", "say": "sayest"][base] {
      return form
    }
    if base.hasSuffix("e") { return base + ending.dropFirst() }
    if base.hasSuffix("ic") { return base + "k" + ending }
    if endsInConsonantAndY(base) { return base.dropLast() + "i" + ending }
    return doubling.contains(base) ? base + base.suffix(1) + ending : base + ending
  }

  private static func endsInConsonantAndY(_ base: String) -> Bool {
    base.hasSuffix("y") && !"aeiou".contains(base.dropLast().suffix(1))
  }

  /// Those that double their last letter.
  private static let doubling = Vocabulary.words(
    "get put sit set let run cut hit win begin forget stop drop spin rob beg plan grip trip slip"
      + " step wrap drag hug stir dig fit plod slog zip skip sag pit blur throb strip tug plug bog"
      + " jam grab pop rip sum tap trap top stun compel propel extol undercut"
      + " slap skim shed snap excel refer prefer occur plot flop")
}
