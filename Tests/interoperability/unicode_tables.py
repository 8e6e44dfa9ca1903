#!/usr/bin/env python3
"""Writes Sources/Text/Unicode/UnicodeTables.swift from the behaviour of PyPI `tokenizers`.

That package is built from several Rust crates, each with its own Unicode version (punctuation and
marks are older than letters, for example). Asking the package about every code point gives tables
that agree with all of them; `compare_tokenizers.py` beside this file checks the result.

    pip install tokenizers==0.22.2
    python3 Tests/interoperability/unicode_tables.py > Sources/Text/Unicode/UnicodeTables.swift
"""
import unicodedata

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

# In the order of the bits in `ScalarClass`.
CLASSES = ["control", "whitespace", "punctuation", "dropped", "decomposes", "nonstarter",
           "lowercases", "letter", "number", "word", "ideograph"]


def bert(**switches):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**off, **switches}).normalize_str


clean, spaced = bert(clean_text=True), bert(handle_chinese_chars=True)
stripped, lowered = bert(strip_accents=True), bert(lowercase=True)
decomposed = normalizers.NFD().normalize_str
bert_words = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
byte_words = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str
whole_word = Tokenizer(models.WordLevel({"[UNK]": 0, "[X]": 1}, unk_token="[UNK]"))
whole_word.add_tokens([AddedToken("[X]", single_word=True, normalized=False)])


def is_hangul(code):
    return 0xAC00 <= code < 0xD7A4


def is_nonstarter(text):
    """Whether the package moves it across a mark of the highest or of the lowest combining class."""
    if len(decomposed(text)) > 1 and unicodedata.combining(decomposed(text)[0]) == 0:
        return False
    return (decomposed("\u0345" + text) != "\u0345" + decomposed(text)
            or decomposed(text + "\u0334") != decomposed(text) + "\u0334")


def classes(code):
    text = chr(code)
    words = [word for word, _ in bert_words(f"a{text}a")]
    found = set()
    if clean(text) == "":
        found.add("control")
    if words == ["a", "a"]:
        found.add("whitespace")
    if words == ["a", text, "a"]:
        found.add("punctuation")
    if stripped(text) == "":
        found.add("dropped")
    elif stripped(text) != text and not is_hangul(code):
        found.add("decomposes")
    if is_nonstarter(text):
        found.add("nonstarter")
    if lowered(text) != text:
        found.add("lowercases")
    if len(byte_words("x" + text)) == 1:
        found.add("letter")
    if len(byte_words("1" + text)) == 1:
        found.add("number")
    if whole_word.encode("[X]" + text).ids[0] != 1:
        found.add("word")
    if spaced(text) != text:
        found.add("ideograph")
    # One class of white space serves the normalizer, both pre-tokenizers and added tokens.
    assert ("whitespace" in found) == (len(byte_words("!" + text)) == 2
                                       and not found & {"letter", "number"}), hex(code)
    return sum(1 << CLASSES.index(name) for name in found)


def lowercase_runs(codes):
    """[first, last, stride, distance]: runs of letters that are the same distance from lower case."""
    runs = []
    for code in codes:
        target = lowered(chr(code))
        if len(target) != 1:
            assert (code, target) == (0x130, "i\u0307")
            continue
        distance = ord(target) - code
        if runs and runs[-1][3] == distance:
            stride = code - runs[-1][1]
            if runs[-1][0] == runs[-1][1] and stride <= 2:
                runs[-1][1], runs[-1][2] = code, stride
                continue
            if runs[-1][2] == stride:
                runs[-1][1] = code
                continue
        runs.append([code, code, 1, distance])
    return runs


def combining_runs(codes):
    """[first, last, canonical combining class] of the nonstarters that stripping accents keeps."""
    runs = []
    for code in codes:
        order = unicodedata.combining(chr(code))
        assert order > 0, hex(code)
        if runs and runs[-1][1] == code - 1 and runs[-1][2] == order:
            runs[-1][1] = code
        else:
            runs.append([code, code, order])
    return runs


def array(name, kind, values, comment):
    print(f"\n  /// {comment}\n  static let {name}: [{kind}] = [")
    line = "   "
    for value in values:
        item = f" {value}," if value < 0 else f" 0x{value:X},"
        if len(line) + len(item) > 100:
            print(line)
            line = "   "
        line += item
    print(line + "\n  ]")


def main():
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    table = {code: classes(code) for code in codes}

    def having(name):
        return [code for code in codes if table[code] >> CLASSES.index(name) & 1]

    class_runs, previous = [], None
    for code in codes:
        if table[code] != previous:
            class_runs.append(code << 11 | table[code])
            previous = table[code]
    bases, sequences = [], []
    for code in having("decomposes"):
        rest = [ord(character) for character in stripped(chr(code))]
        if len(rest) == 1:
            bases += [code] + rest
        else:
            sequences += [code] + rest + [0] * (3 - len(rest))
    kept = [code for code in having("nonstarter") if stripped(chr(code)) != ""]

    print("// Generated by Tests/interoperability/unicode_tables.py from tokenizers "
          f"{tokenizers.__version__}; do not edit.\n")
    print("/// What the `tokenizers` package knows of Unicode.\nenum UnicodeTables {", end="")
    array("classRuns", "UInt32", class_runs,
          "First scalar of a run of one class, shifted left by 11, and the bits of `ScalarClass`.")
    array("baseScalars", "UInt32", bases,
          "Pairs: a scalar, ascending, and the one that stays when its accents are stripped.")
    array("baseSequences", "UInt32", sequences,
          "Fours: a scalar, ascending, and the two or three (then no 0) that stay.")
    array("combiningRuns", "UInt32", [value for run in combining_runs(kept) for value in run],
          "Threes: first, last and combining class of the marks that stripping accents keeps.")
    array("lowercaseRuns", "Int32", [value for run in lowercase_runs(having("lowercases")) for value in run],
          "Fours: first, last, stride and distance to lower case.")
    print("}")


if __name__ == "__main__":
    main()
