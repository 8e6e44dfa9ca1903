#!/usr/bin/env python3
"""Compares the token ids of `pure tokenize` with those of PyPI `tokenizers`: none may differ.

    pip install tokenizers==0.22.2
    python3 Tests/interoperability/compare_tokenizers.py --pure .build/release/pure --model DIR

DIR is a Hugging Face directory with an uncased WordPiece tokenizer. All other tokenizers are made
from its vocabulary or trained here. Texts: real ones (`--data`), every code point below 0x30000,
every word of the vocabulary, and random texts of several kinds, all from one seed.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from tokenizers import (AddedToken, ByteLevelBPETokenizer, Tokenizer, models, normalizers, pre_tokenizers,
                        processors)

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def real_texts(folder):
    files = sorted(folder.glob("*/*.tsv"))
    if not files:
        print(f"SKIPPED: real texts, there is no {folder}")
    return [line for file in files for line in file.read_bytes().decode().split("\n")]


def code_point_texts():
    for code in range(0x30000):
        if not 0xD800 <= code < 0xE000:
            yield from (chr(code), f"a{chr(code)}b", chr(code) * 2)


def random_texts(seed, count, words):
    draw = random.Random(seed)
    blanks = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2028", "\u3000", "\x85", "\x0b", ""]
    marks = [code for first, last in [(0x300, 0x370), (0x483, 0x488), (0x591, 0x5C0), (0x8D4, 0x900),
                                      (0x302A, 0x3030), (0x1D165, 0x1D173), (0x16FF0, 0x16FF2),
                                      (0x1DC0, 0x1E00), (0x1E000, 0x1E02B), (0x1E944, 0x1E94B),
                                      (0x94D, 0x94E), (0xF71, 0xF85)] for code in range(first, last)]
    snippets = [*"aZ09.,!?'\"-_@#$%&()[]{}<>|\\/", "'s", "'re", "'ll", "'D", " '", "''", "[CLS]", "[sep]",
                "[MASK]", "<s>", "</s>", "<mask>", " <mask> ", "é", "e\u0301", "Ǆ", "İ", "I", "ı", "ß", "ẞ",
                "Σ", "ΑΣ", "ſ", "ﬁ", "Å", "각", "\u1100\u1161", "中文", "漢", "豈", "カ\u3099", "ｶﾞ", "ไทย", "हिन्दी",
                "😀", "👩‍👩‍👧", "🇩🇪", "\u200b", "\u200d", "\ufeff", "\x00", "\x01", "\x7f", "\xad", "\ufffd",
                "\ue000", "١٢", "²", "Ⅳ", "½", "€", "«", "」", "word", "WORD", "naïve", "100%"]

    def code_point(limit):
        while True:
            code = draw.randrange(limit)
            if not 0xD800 <= code < 0xE000:
                return chr(code)

    kinds = [
        lambda: "".join(code_point(0x30000) for _ in range(draw.randrange(1, 40))),
        lambda: "".join(code_point(draw.choice([0x80, 0x250, 0x3000, 0x110000]))
                        for _ in range(draw.randrange(1, 60))),
        lambda: "".join(draw.choice(words) + draw.choice(blanks) for _ in range(draw.randrange(1, 40))),
        lambda: "".join(draw.choice(snippets) + draw.choice(blanks) for _ in range(draw.randrange(1, 30))),
        lambda: "".join(draw.choice("aeoAEOσ가") + "".join(chr(draw.choice(marks)) for _ in range(draw.randrange(6)))
                        for _ in range(draw.randrange(1, 10))),
        lambda: "".join(chr(draw.randrange(128)) for _ in range(draw.randrange(1, 120))),
        lambda: draw.choice("abé中 ") * draw.randrange(90, 220) + draw.choice(words),
    ]
    for index in range(count):
        yield kinds[index % len(kinds)]()


def word_piece(vocabulary, **switches):
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**switches)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    ends = [(token, vocabulary[token]) for token in ("[SEP]", "[CLS]")]
    tokenizer.post_processor = processors.BertProcessing(*ends)
    return tokenizer


def flagged_tokens(special):
    """Added tokens with every flag, some of them in the vocabulary already."""
    flags = [{}, {"lstrip": True}, {"rstrip": True}, {"single_word": True}, {"normalized": True},
             {"normalized": True, "single_word": True, "lstrip": True, "rstrip": True}]
    contents = ["word", "WOR", "naïve", "a", "é", " é", "中文", "100%", "e\u0301e", "<mask", "ΑΣ", "zz"]
    return [AddedToken(content, **{"normalized": False, **flags[index % len(flags)]}, special=special)
            for index, content in enumerate(contents)]


def byte_level(folder, texts, prefix):
    """A small trained BPE as tokenizer.json, and as vocab.json with merges.txt."""
    trained = ByteLevelBPETokenizer(add_prefix_space=prefix)
    trained.train_from_iterator(texts, vocab_size=3000, special_tokens=SPECIAL, show_progress=False)
    files = folder / "files"
    files.mkdir(parents=True)
    trained.save_model(str(files))
    (files / "tokenizer_config.json").write_text(json.dumps({"add_prefix_space": prefix}))
    tokenizer = trained._tokenizer
    tokenizer.add_special_tokens([AddedToken(token, lstrip=token == "<mask>", normalized=False) for token in SPECIAL])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, prefix)
    return tokenizer, files


def few_bytes(fused):
    """A BPE that lacks most bytes: each is an unknown token, or each run of them if they are fused."""
    alphabet = {character: index for index, character in enumerate(["<unk>", *"abcdefghijklmnopqrstuvwxyzĠ"])}
    merges = [("t", "h"), ("th", "e"), ("Ġ", "the"), ("e", "r")]
    for left, right in merges:
        alphabet[left + right] = len(alphabet)
    tokenizer = Tokenizer(models.BPE(alphabet, merges, unk_token="<unk>", fuse_unk=fused))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    return tokenizer


def cases(arguments, folder, texts):
    """Pairs of a directory that `pure` reads and the tokenizer that says what is right."""
    stock = Tokenizer.from_file(str(arguments.model / "tokenizer.json"))
    stock.no_padding()
    stock.no_truncation()
    yield "uncased, tokenizer.json", arguments.model, stock
    vocabulary = stock.get_vocab()

    words = folder / "words"
    words.mkdir()
    ordered = sorted(vocabulary, key=vocabulary.get)
    (words / "vocab.txt").write_text("".join(token + "\n" for token in ordered))
    yield "uncased, vocab.txt", words, stock

    def saved(name, tokenizer):
        directory = folder / name.replace(" ", "-").replace(",", "")
        directory.mkdir()
        tokenizer.save(str(directory / "tokenizer.json"))
        return name, directory, tokenizer

    yield saved("cased", word_piece(vocabulary, lowercase=False))
    yield saved("cased, accents stripped", word_piece(vocabulary, lowercase=False, strip_accents=True))
    yield saved("uncased, accents kept", word_piece(vocabulary, lowercase=True, strip_accents=False))
    yield saved("nothing cleaned", word_piece(vocabulary, clean_text=False, handle_chinese_chars=False))
    for special in (False, True):
        flagged = word_piece(vocabulary, lowercase=True)
        (flagged.add_special_tokens if special else flagged.add_tokens)(flagged_tokens(special))
        yield saved(f"added tokens, special {special}", flagged)

    for prefix in (False, True):
        tokenizer, files = byte_level(folder / f"bpe-{prefix}", texts, prefix)
        yield saved(f"byte-level, prefix {prefix}", tokenizer)
        yield f"byte-level, merges.txt, prefix {prefix}", files, tokenizer
        tokenizer.add_tokens(flagged_tokens(False))
        yield saved(f"byte-level, added tokens, prefix {prefix}", tokenizer)
    for fused in (False, True):
        yield saved(f"few bytes, fused {fused}", few_bytes(fused))


def ours(arguments, directory, file, count):
    command = [arguments.pure, "tokenize", "--model", str(directory), "--input", str(file)]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines()
    if len(output) != count:
        sys.exit(f"{' '.join(command)} answered {len(output)} of {count} texts")
    return map(json.loads, output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pure", required=True, help="the command to test")
    parser.add_argument("--model", required=True, type=pathlib.Path, help="directory of an uncased WordPiece model")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--random", type=int, default=100_000, help="number of random texts")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--only", default="", help="only the tokenizers with this in their title")
    arguments = parser.parse_args()

    vocabulary = sorted(Tokenizer.from_file(str(arguments.model / "tokenizer.json")).get_vocab())
    words = [word.removeprefix("##") for word in vocabulary]
    random_ones = list(random_texts(arguments.seed, arguments.random, words))
    pairs = [chr(one) + chr(two) for one in range(128) for two in range(128)]
    real = real_texts(arguments.data)
    texts = [*real, *vocabulary, *words, *pairs, *code_point_texts(), *random_ones]
    print(f"{len(texts)} texts, {len(real)} of them real")

    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        file = folder / "texts.jsonl"
        file.write_text("".join(json.dumps(text, ensure_ascii=False) + "\n" for text in texts))
        for title, directory, tokenizer in cases(arguments, folder, (real or words)[:20_000] + random_ones[:2000]):
            if arguments.only not in title:
                continue
            start = time.time()
            differences, checked = 0, 0
            answers = ours(arguments, directory, file, len(texts))
            for first in range(0, len(texts), 20_000):
                part = texts[first:first + 20_000]
                for text, encoding in zip(part, tokenizer.encode_batch_fast(part)):
                    answer = next(answers)
                    checked += 1
                    if answer != encoding.ids:
                        differences += 1
                        if differences <= 3:
                            print(f"  {text!r}\n    pure       {answer}\n    tokenizers {encoding.ids}")
            print(f"{title}: {differences} differences in {checked} texts ({time.time() - start:.0f} s)", flush=True)
            failures += differences > 0
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
