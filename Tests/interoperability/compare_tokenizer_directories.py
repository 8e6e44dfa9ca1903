#!/usr/bin/env python3
"""Compares `pure tokenize` with AutoTokenizer of stock transformers where several files describe one tokenizer.

    python3 Tests/interoperability/compare_tokenizer_directories.py --pure .build/release/pure
    python3 Tests/interoperability/compare_tokenizer_directories.py --write

Runs with transformers 4 and with 5; `--write`, in the one and then in the other, makes the fixture of the Swift tests.
A case says whose ids are right where the two versions differ. The last line is `N passed, M failed`.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
import transformers  # noqa: E402
from tokenizers import pre_tokenizers  # noqa: E402

MAJOR = int(transformers.__version__.split(".")[0])
FIXTURE = pathlib.Path(__file__).resolve().parents[1] / "Fixtures" / "tokenizer_directories.json"
VOCABULARIES = ["tokenizer.json", "vocab.txt", "vocab.json", "merges.txt"]
CONFIG, MAP, ADDED = "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "movie", "good", "Good", "café", "cafe", "Café", "!",
         "中", "文", "中文", "<", ">", "<e>", "e", "E", "n", "N", "m", "x", "[", "]", "mask", "un", "##un", "s"]
ALPHABET = sorted(pre_tokenizers.ByteLevel.alphabet())
PAIRS = {word: index for index, word in enumerate(
    ["<s>", "<pad>", "</s>", "<unk>", *ALPHABET, "th", "the", "Ġthe", "Ġg", "oo", "ood", "<mask>"])}
MERGES = ["t h", "th e", "Ġ the", "Ġ g", "o o", "oo d"]
TEXTS = ["The Good movie !", "Café 中文 café", "the <n> <N> <m>x <e> <E>", "a  <l>  x  <w> x<w>x", "[mask] [MASK] <mask>",
         "the movie the good the movie good", "<s> the  <mask> </s> thethe", ""]


def token(content, **flags):
    plain = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    return {"content": content, **plain, **flags}


def word_file(words=WORDS):
    return {"vocab.txt": "".join(f"{word}\n" for word in words)}


def word_json(words=WORDS, lowercase=True, ends=("[CLS]", "[SEP]"), added=(), **parts):
    """A tokenizer.json as transformers saves it; `added` are tokens after those of the vocabulary."""
    special = [word for word in words if word[0] + word[-1] == "[]" and len(word) > 2]
    tokens = [{"id": words.index(word), **token(word)} for word in special]
    tokens += [{"id": len(words) + index, **one} for index, one in enumerate(added)]
    first, last = (words.index(end) for end in ends)
    return {"tokenizer.json": {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": lowercase},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "cls": [ends[0], first], "sep": [ends[1], last]},
        "decoder": None,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": {word: index for index, word in enumerate(words)}},
        **parts}}


def pair_files(vocabulary=None):
    return {"vocab.json": vocabulary or PAIRS, "merges.txt": "#version: 0.2\n" + "".join(f"{m}\n" for m in MERGES)}


def pair_json(prefix=False, **parts):
    names = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    return {"tokenizer.json": {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": PAIRS[name], **token(name, lstrip=name == "<mask>")} for name in names],
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": True},
        "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": True,
                           "add_prefix_space": prefix},
        "decoder": None,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                  "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                  "vocab": PAIRS, "merges": [merge.split(" ") for merge in MERGES]},
        **parts}}


def truncation(side):
    return {"direction": side, "max_length": 9, "strategy": "LongestFirst", "stride": 0}


class Cases:
    def __init__(self):
        self.all = []

    def add(self, title, *files, model="bert", config=None, length=1000, of=(4, 5)):
        """A directory; `of` are the versions whose ids are right, none if Pure has to refuse it."""
        content = {"config.json": {"model_type": model, **(config or {})}}
        for part in files:
            for name, value in part.items():
                content[name] = {**content[name], **value} if name == CONFIG and name in content else value
        self.all.append({"title": title, "files": content, "length": length, "of": list(of)})


def switches(cases):
    classes = ["BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "DistilBertTokenizerFast", "ElectraTokenizer",
               "ElectraTokenizerFast"]
    said = {"none": {}, "cased": {"do_lower_case": False}, "uncased": {"do_lower_case": True},
            "accents": {"strip_accents": False}, "no accents": {"do_lower_case": False, "strip_accents": True},
            "accents by case": {"strip_accents": None}, "words of ideographs": {"tokenize_chinese_chars": False},
            "of another family": {"add_prefix_space": True}, "without meaning": {"do_basic_tokenize": False}}
    sources = {"vocab.txt": word_file(), "uncased json": word_json(), "cased json": word_json(lowercase=False)}
    for source, files in sources.items():
        for name, switch in said.items():
            cases.add(f"{source}, {name}", files, {CONFIG: switch})
            cases.add(f"{source}, {name}, class in config.json", files, {CONFIG: switch},
                      config={"tokenizer_class": "DistilBertTokenizer"})
            if source != "vocab.txt":
                generic = {**switch, "tokenizer_class": "PreTrainedTokenizerFast"}
                cases.add(f"{source}, {name}, generic class", files, {CONFIG: generic})
        for kind in classes:
            cases.add(f"{source}, {kind}", files, {CONFIG: {"tokenizer_class": kind, "do_lower_case": False}})
        for model in ["bert", "distilbert", "electra"]:
            cases.add(f"{source}, {model} without {CONFIG}", files, model=model)
    cases.add("both sources", word_file(), word_json(lowercase=False), {CONFIG: {}})
    cases.add("no normalizer", word_json(normalizer=None), {CONFIG: {"tokenizer_class": "BertTokenizer"}}, of=[5])
    cases.add("WordPiece of a RoBERTa", word_json(), {CONFIG: {"tokenizer_class": "BertTokenizer"}}, model="roberta")
    cases.add("null switch", word_json(), {CONFIG: {"do_lower_case": None}}, of=[])
    cases.add("switch in quotes", word_json(), {CONFIG: {"do_lower_case": "false"}}, of=[])

    for source, files in {"merges.txt": pair_files(), "json": pair_json(), "json with blank": pair_json(True)}.items():
        # transformers 5 forgets that <mask> takes the blank before it along, unless tokenizer.json says so.
        versions = [4] if source == "merges.txt" else [4, 5]
        for name, switch in {"none": {}, "blank": {"add_prefix_space": True}, "no blank": {"add_prefix_space": False},
                             "of another family": {"do_lower_case": True}}.items():
            cases.add(f"{source}, {name}", files, {CONFIG: switch}, model="roberta", of=versions)
            for kind in ["RobertaTokenizer", "RobertaTokenizerFast"]:
                cases.add(f"{source}, {name}, {kind}", files, {CONFIG: {"tokenizer_class": kind, **switch}},
                          model="roberta", of=versions)
            if source != "merges.txt":  # 4 sets the switch of the generic class too, to false if it is not there
                generic = {"tokenizer_class": "PreTrainedTokenizerFast", **switch}
                cases.add(f"{source}, {name}, generic class", files, {CONFIG: generic}, model="roberta", of=[5])
        cases.add(f"{source}, null", files, {CONFIG: {"add_prefix_space": None}}, model="roberta", of=[])
        cases.add(f"{source}, without {CONFIG}", files, model="roberta", of=versions)


def classes(cases):
    for kind in ["BertJapaneseTokenizer", "BertweetTokenizer", "XLMRobertaTokenizer", "MPNetTokenizer", "OneOfMyOwn"]:
        for source, files in {"vocab.txt": word_file(), "json": word_json()}.items():
            cases.add(f"{kind}, {source}", files, {CONFIG: {"tokenizer_class": kind}}, of=[])
            cases.add(f"{kind} in config.json, {source}", files, config={"tokenizer_class": kind}, of=[])
    cases.add("class in both files", word_json(), {CONFIG: {"tokenizer_class": "BertTokenizer"}},
              config={"tokenizer_class": "BertJapaneseTokenizer"})
    cases.add("null class", word_json(), {CONFIG: {"tokenizer_class": None, "do_lower_case": False}})
    cases.add("class that is no name", word_json(), {CONFIG: {"tokenizer_class": 3}}, of=[])
    cases.add("BPE for BERT", pair_json(), of=[])
    cases.add("WordPiece for RoBERTa", word_json(), model="roberta", of=[])
    cases.add("vocab.txt for RoBERTa", word_file(), model="roberta", of=[])
    cases.add("generic class without tokenizer.json", word_file(),
              {CONFIG: {"tokenizer_class": "PreTrainedTokenizerFast"}}, of=[])
    cases.add("both vocabularies of RoBERTa", word_file(), pair_files(), model="roberta", of=[4])
    cases.add("both vocabularies of BERT", word_file(), pair_files())


def added(cases):
    words, pairs = len(WORDS), len(PAIRS)
    sources = {"vocab.txt": (word_file(), "bert", words), "json": (word_json(), "bert", words),
               "pair json": (pair_json(), "roberta", pairs)}
    for source, (files, model, count) in sources.items():
        def case(title, *parts, of=(4, 5)):
            cases.add(f"{source}, {title}", files, *parts, model=model, of=of)

        # transformers 5 loses those tokens of tokenizer.json that the table lacks.
        kept = [4] if source == "pair json" else [4, 5]
        case("added_tokens.json", {ADDED: {"<n>": count, "<m>": count + 1}})
        case("added_tokens.json in another order", {ADDED: {"<n>": count + 1, "<m>": count}})
        case("upper case", {ADDED: {"<N>": count}})
        case("special by tokenizer_config.json", {ADDED: {"<n>": count, "<m>": count + 1}},
             {CONFIG: {"additional_special_tokens": ["<n>"]}})
        case("special by the map", {ADDED: {"<n>": count, "<m>": count + 1}},
             {MAP: {"additional_special_tokens": ["<n>"]}}, of=[4])
        case("additional in the map", {MAP: {"additional_special_tokens": ["<n>", "<m>"]}})
        case("additional with flags in the map", {MAP: {"additional_special_tokens": [token("<l>", lstrip=True)]}}, of=[4])
        case("additional with few flags", {MAP: {"additional_special_tokens": [{"content": "<n>"}]}}, of=[4])
        case("additional in tokenizer_config.json", {CONFIG: {"additional_special_tokens": ["<n>", "<m>"]}})
        case("additional with flags", {CONFIG: {"additional_special_tokens": [
            {"__type": "AddedToken", **token("<l>", lstrip=True, rstrip=True)}]}})
        case("additional in both", {MAP: {"additional_special_tokens": ["<n>"]}},
             {CONFIG: {"additional_special_tokens": ["<m>"]}}, of=[4])
        case("extra in a list", {CONFIG: {"extra_special_tokens": ["<n>", "<m>"]}}, of=[5])
        case("extra by name", {CONFIG: {"extra_special_tokens": {"image_token": "<n>"}}})
        case("a name of its own", {CONFIG: {"image_token": "<n>"}}, of=[5])
        case("bos and eos in the map", {MAP: {"bos_token": "<n>", "eos_token": token("<l>", lstrip=True, rstrip=True)}})
        case("null and empty names", {MAP: {"bos_token": None, "eos_token": ""}})
        case("the table", {CONFIG: {"added_tokens_decoder": {str(count + 1): token("<m>"), str(count): token("<n>")}}},
             of=kept)
        case("flags in the table", {CONFIG: {"added_tokens_decoder": {
            str(count): token("<l>", lstrip=True, rstrip=True), str(count + 1): token("<w>", single_word=True),
            str(count + 2): token("<N>", normalized=True, special=False)}}}, of=kept)
        case("the table, and files it replaces", {CONFIG: {"added_tokens_decoder": {str(count): token("<n>")}}},
             {MAP: {"additional_special_tokens": ["<m>"]}, ADDED: {"<m>": count + 1, "<n>": count}}, of=kept)
        case("the table and additional", {CONFIG: {"added_tokens_decoder": {str(count): token("<n>", lstrip=True)},
                                                   "additional_special_tokens": ["<n>", "<m>"]}}, of=kept)
        case("special tokens as words", {CONFIG: {"split_special_tokens": True}})
        for title, ids in {"a hole": {"<n>": count + 3}, "a huge id": {"<n>": 2 ** 40}, "a negative id": {"<n>": -1},
                           "an id in use": {"<n>": 7}, "an id twice": {"<n>": count, "<m>": count},
                           "an id in quotes": {"<n>": str(count)}, "a fraction": {"<n>": 1e30}}.items():
            case(title, {ADDED: ids}, of=[])
            if not isinstance(next(iter(ids.values())), str):
                table = {str(id): token(content) for content, id in ids.items()}
                if len(table) == len(ids):
                    case(f"{title} in the table", {CONFIG: {"added_tokens_decoder": table}}, of=[])
        for title, value in {"a list": [], "a string": "<n>", "a list of names": {str(count): "<n>"}}.items():
            case(f"a table that is {title}", {CONFIG: {"added_tokens_decoder": value}}, of=[])
        case("one additional token as a string", {CONFIG: {"additional_special_tokens": "<n>"}}, of=[])
        case("a mask that is a number", {CONFIG: {"mask_token": 3}}, of=[])
        case("a map that is a list", {MAP: []}, of=[])
    for special in (False, True):
        one = token("<n>", special=special, normalized=not special)
        cases.add(f"repeated token, special {special}", word_json(added=[one]), {ADDED: {"<n>": words, "<m>": words + 1}})
        cases.add(f"table without a token of the json, special {special}", word_json(added=[one]),
                  {CONFIG: {"added_tokens_decoder": {str(words + 1): token("<m>")}}}, of=[4])
        cases.add(f"table with other flags, special {special}", word_json(added=[one]), {CONFIG: {
            "added_tokens_decoder": {str(words): token("<n>", lstrip=True, special=not special, normalized=special)}}},
                  of=[5])


def names(cases):
    roles = {"[PAD]": "pad_token", "[UNK]": "unk_token", "[CLS]": "cls_token", "[SEP]": "sep_token", "[MASK]": "mask_token"}
    for word, role in roles.items():
        rest = [other for other in WORDS if other != word]
        needed = word == "[UNK]"
        cases.add(f"no {word}", word_file(rest), of=[] if needed else [4, 5])
        cases.add(f"no {word}, added", word_file(rest), {ADDED: {word: len(rest)}}, of=[] if needed else [4, 5])
        cases.add(f"{word} by another name", word_file(["<x>", *rest]), {MAP: {role: "<x>"}})
        cases.add(f"{word} by two names", word_file(["<x>", "<y>", *rest]), {MAP: {role: "<x>"}, CONFIG: {role: "<y>"}})
        if word not in ("[CLS]", "[SEP]", "[UNK]"):
            cases.add(f"no {word}, json", word_json(rest))
    for word in ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]:
        rest = {other: index for index, other in enumerate(other for other in PAIRS if other != word)}
        cases.add(f"no {word}", pair_files(rest), model="roberta", of=[4])
    missing = {word: index for index, word in enumerate(word for word in PAIRS if word not in ("x", "Ã"))}
    cases.add("bytes that are missing", pair_files(missing), model="roberta", of=[4])
    pieces = {"cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]", "bos_token": "[CLS]",
              "eos_token": "[SEP]", "unk_token": "[UNK]", "pad_token": "[PAD]"}
    renamed = {word: index for index, word in enumerate([*roles, *list(PAIRS)[4:-1]])}
    cases.add("BERT's names for RoBERTa", pair_files(renamed), {MAP: pieces}, model="roberta", of=[4])
    ends = word_json(["<s>", "</s>", *WORDS], ends=("<s>", "</s>"))
    cases.add("other ends", ends, {CONFIG: {"cls_token": "<s>", "sep_token": "</s>"}})
    cases.add("ends that contradict", ends, of=[])
    cases.add("unknown token that contradicts", word_json(), {CONFIG: {"unk_token": "[MASK]"}}, of=[])
    cases.add("no first token", word_file(), {CONFIG: {"cls_token": None}}, of=[])
    cases.add("ends of the class", word_json(post_processor=None), of=[5])


def sides(cases):
    sources = {"vocab.txt": (word_file, "bert"), "json": (word_json, "bert"), "pair json": (pair_json, "roberta")}
    for source, (files, model) in sources.items():
        for own in [None, "Left", "Right"]:
            if own and source == "vocab.txt":
                continue
            for side in [None, "left", "right", "up", 3]:
                for kind in [None, "PreTrainedTokenizerFast"]:
                    if kind and source == "vocab.txt":
                        continue
                    parts = {"truncation": truncation(own)} if own else {}
                    said = {} if side is None else {"truncation_side": side}
                    config = {**said, "tokenizer_class": kind} if kind else said
                    cases.add(f"{source} cuts {own}, asked for {side}, {kind or 'own class'}", files(**parts),
                              {CONFIG: config}, model=model, length=6, of=[] if side in ("up", 3) else [4, 5])


def write(directory, files):
    directory.mkdir(parents=True)
    for name, content in files.items():
        (directory / name).write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))


def stock(directory, case):
    """The ids of stock transformers; None if it fails."""
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(directory))
        return [tokenizer(text, truncation=True, max_length=case["length"])["input_ids"] for text in TEXTS]
    except Exception:  # whatever it is: stock does not read this
        return None


def ours(pure, directory, case, texts):
    command = [pure, "tokenize", "--model", str(directory), "--input", str(texts), "--max-length", str(case["length"])]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode == 0:
        return [json.loads(line) for line in answer.stdout.splitlines()]
    return answer.stderr.strip() if answer.returncode == 2 else f"CRASH {answer.returncode}: {answer.stderr}"


def fixture(cases, known):
    """The cases with stock's ids: those of this version, and those of the other one that were written before."""
    before = {}
    if known:
        before = {case["title"]: known["answers"][case["answer"]] for case in known["cases"] if "answer" in case}
    answers, vocabularies, written = [], [], []

    def position(value, values):  # What many cases share is written once.
        if value not in values:
            values.append(value)
        return values.index(value)

    for case in cases:
        small = {name: content for name, content in case["files"].items() if name not in VOCABULARIES}
        one = {"title": case["title"], "length": case["length"], "files": small, "vocabularies": [
            position([name, content], vocabularies) for name, content in case["files"].items() if name in VOCABULARIES]}
        if case["of"]:
            one["answer"] = position(case["ids"] if "ids" in case else before.get(case["title"]), answers)
        written.append(one)
    return {"texts": TEXTS, "vocabularies": vocabularies, "answers": answers, "cases": written}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pure", help="the command to test")
    parser.add_argument("--write", action="store_true", help="write the fixture instead")
    arguments = parser.parse_args()
    transformers.logging.set_verbosity(transformers.logging.CRITICAL)

    cases = Cases()
    for part in (switches, classes, added, names, sides):
        part(cases)
    titles = [case["title"] for case in cases.all]
    if len(set(titles)) < len(titles):
        sys.exit(f"titles twice: {sorted({title for title in titles if titles.count(title) > 1})}")
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        texts = folder / "texts.jsonl"
        texts.write_text("".join(json.dumps(text) + "\n" for text in TEXTS))
        for index, case in enumerate(cases.all):
            directory = folder / str(index)
            write(directory, case["files"])
            if MAJOR in case["of"]:
                case["ids"] = stock(directory, case)
                if case["ids"] is None:
                    print(f"FAILED  {case['title']}: transformers {transformers.__version__} does not read it")
                    failed += 1
                    continue
            if arguments.write or (case["of"] and MAJOR not in case["of"]):
                continue
            answer = ours(arguments.pure, directory, case, texts)
            right = answer == case["ids"] if case["of"] else isinstance(answer, str) and "CRASH" not in answer
            passed, failed = passed + right, failed + (not right)
            if not right:
                print(f"FAILED  {case['title']}\n  pure         {answer}\n  transformers {case.get('ids')}")
    if arguments.write:
        known = json.loads(FIXTURE.read_text()) if FIXTURE.exists() else None
        text = json.dumps(fixture(cases.all, known), ensure_ascii=False, separators=(",", ":"))
        FIXTURE.write_text(text + "\n")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
