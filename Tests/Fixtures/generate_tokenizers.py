#!/usr/bin/env python3
"""Writes Tests/Fixtures/tokenizers.json: small tokenizers and the ids that PyPI `tokenizers` gives.

    pip install tokenizers==0.22.2
    python3 Tests/Fixtures/generate_tokenizers.py
"""
import json
import pathlib

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

HERE = pathlib.Path(__file__).resolve().parent
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "The", "movie", "un", "##believ", "##able", "cafe",
         "café", "i", "i\u0307", "##i", "##s", "s", "'", "!", ".", ",", "-", "$", "中", "文", "か", "##a", "a", "##ας",
         "οδος", "οδοσ", "σ", "ς", "1", "##2", "😀", "[", "]", "mask", "\u1100\u1161\u11a8", "각", "é", "e"]
TEXTS = ["", " ", "the movie", "The Movie!", "unbelievable", "unbelievables", "Café", "cafe\u0301", "İi", "I\u0307", "ΟΔΟΣ",
         "中文か", "the中the", "the\u00a0movie", "the\u200bmovie", "the\x00movie\ufffd", "the\u2028the", "the\x85the",
         "it's 12 - 1$", "[MASK] the[MASK]movie [mask]", "각", "a" * 100, "a" * 101, "é" * 100, "😀the😀", "\U00020000the",
         "we'll they're don't 'S", "  two  blanks\n\nline\t\ttab ", "\u3000wide", "x\r\ny", "naïve ½ ² ١٢ Ⅳ",
         "e\u0301\u0327", "the <mask> movie<mask>", " <s> the</s>", "ſ ß ẞ ﬁ Å Ǆ", "🇩🇪 👩‍👩‍👧", "a\u302e\U0001d165\u0301b"]


def word_piece(**switches):
    vocabulary = {word: index for index, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**switches)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(WORDS[:5])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.enable_padding(length=16)
    tokenizer.enable_truncation(16)
    return tokenizer


def byte_level(prefix):
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", *alphabet])}
    merges = [("t", "h"), ("th", "e"), ("Ġ", "the"), ("Ġ", "t"), ("o", "v"), ("m", "ov"), ("mov", "i"), ("movi", "e"),
              ("Ġ", "movie"), ("e", "e"), ("ee", "ee"), ("Ã", "©"), ("a", "a"), ("aa", "aa"), ("'", "l"), ("'l", "l")]
    for left, right in merges:
        vocabulary.setdefault(left + right, len(vocabulary))
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, prefix)
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True)])
    return tokenizer


def flagged():
    tokenizer = word_piece(lowercase=True)
    tokenizer.add_tokens([
        AddedToken("the", single_word=True, normalized=False), AddedToken("Café", normalized=True),
        AddedToken("movie", lstrip=True, rstrip=True, normalized=False), AddedToken("naïve", normalized=True)])
    return tokenizer


def main():
    cases = {
        "uncased": word_piece(lowercase=True),
        "cased": word_piece(lowercase=False),
        "uncased with accents": word_piece(lowercase=True, strip_accents=False),
        "raw": word_piece(lowercase=False, clean_text=False, handle_chinese_chars=False),
        "added tokens": flagged(),
        "byte-level": byte_level(False),
        "byte-level with prefix": byte_level(True),
    }
    content = {"made by": f"tokenizers {tokenizers.__version__}", "texts": TEXTS, "cases": []}
    for name, tokenizer in cases.items():
        definition = json.loads(tokenizer.to_str())
        tokenizer.no_padding()
        tokenizer.no_truncation()
        full = [encoding.ids for encoding in tokenizer.encode_batch(TEXTS)]
        tokenizer.enable_truncation(7)
        cut = [encoding.ids for encoding in tokenizer.encode_batch(TEXTS)]
        content["cases"].append({"name": name, "tokenizer": definition, "ids": full, "ids cut to 7": cut})
    (HERE / "tokenizers.json").write_text(json.dumps(content, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
