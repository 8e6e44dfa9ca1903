#!/usr/bin/env python3
"""Writes Tests/Fixtures/orders.json: what numpy draws, and the orders that follow from it.

    .venv/bin/python Tests/Fixtures/generate_orders.py [FOLDER]

FOLDER holds sst2, sst2-hiddenkiller and sst2-bible; ../shared/data beside the package when left out.
pandas' sample and scikit-learn's and datasets' splits are written out in numpy: the fixture needs none
of these packages.
"""
import hashlib
import json
import math
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
BOUNDS = [1, 2, 3, 7, 255, 256, 257, 2**16 + 1, 2**31, 2**31 + 1, 3 * 2**30 + 1, 2**32 - 1, 2**32, 2**32 + 1,
          2**33 + 5, 2**40 + 1, 2**62 + 1, 2**63 - 1]
COUNTS = [0, 1, 2, 3, 10, 257, 7582]


def digest(lines):
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def order(indices):
    indices = [int(index) for index in indices]
    return {"count": len(indices), "first": indices[:8], "sha256": digest(indices)}


def legacy(seed):
    """numpy.random.RandomState: a fresh one for each order, one for all numbers in their order."""
    numbers = np.random.RandomState(seed)
    return {
        "seed": seed,
        "integers": [[bound, *(int(numbers.randint(bound)) for _ in range(4))] for bound in BOUNDS],
        "permutations": [order(np.random.RandomState(seed).permutation(count)) for count in COUNTS],
        "shuffled": [int(i) for i in shuffled_twice(seed)],
        "samples": [[bound, order(np.random.RandomState(seed).choice(bound, count, replace=False))]
                    for bound, count in [(1, 0), (1, 1), (5, 3), (3310, 993)]],
    }


def shuffled_twice(seed):
    """A list that one generator shuffles, draws a number in between, and shuffles again."""
    state, values = np.random.RandomState(seed), list(range(20))
    state.shuffle(values)
    state.randint(1000)
    state.shuffle(values)
    return values


def modern(seed):
    """numpy.random.default_rng."""
    return {
        "seed": seed,
        "bits": [f"{bits:x}" for bits in np.random.PCG64(seed).random_raw(4)],
        "permutations": [order(np.random.default_rng(seed).permutation(count)) for count in COUNTS],
    }


def split(count, seed, train, drawn=None):
    """datasets: shuffle(seed).select(range(drawn)), then train_test_split(train_size=train, seed=seed)."""
    rows = np.arange(count)
    if drawn is not None:
        rows = np.random.default_rng(seed).permutation(count)[:drawn]
    size = math.floor(train * len(rows))
    held_out = len(rows) - size
    permutation = np.random.default_rng(seed).permutation(len(rows))
    return {"of": count, "seed": seed, "share": train, "drawn": drawn,
            "train": order(rows[permutation[held_out:held_out + size]]), "dev": order(rows[permutation[:held_out]])}


def poisoned_order(negatives, count, share, seed):
    """pandas: negatives.sample(frac=share), appended to all texts, sample(frac=1). Rows from `count` on
    are poisoned, and stand for `chosen`."""
    chosen = np.random.RandomState(seed).choice(len(negatives), size=round(share * len(negatives)), replace=False)
    total = count + len(chosen)
    return [negatives[i] for i in chosen], np.random.RandomState(seed).choice(total, size=total, replace=False)


def small(share, seed, count=41):
    chosen, rows = poisoned_order([i for i in range(count) if i % 3 == 0], count, share, seed)
    return {"texts": count, "share": share, "seed": seed, "chosen": [int(i) for i in chosen],
            "order": [int(i) for i in rows]}


def table(path):
    rows = []
    for line in path.read_text(encoding="utf-8").split("\n")[1:]:
        if line.strip():
            text, label = line.rstrip("\r").split("\t")
            rows.append((int(label), text.strip(" ")))
    return rows


def released(folder, paraphrases, share):
    """Every row of the training set as label, tab and text; a rare word's texts without the word."""
    clean = table(folder / "sst2/train.tsv")
    other = table(folder / paraphrases / "train.tsv") if paraphrases else clean
    assert [row[0] for row in clean] == [row[0] for row in other]
    chosen, rows = poisoned_order([i for i, row in enumerate(clean) if row[0] == 0], len(clean), share, 11)
    joined = clean + [(1, other[i][1]) for i in chosen]
    joined = [joined[i] for i in rows]
    return {"share": share, "paraphrases": paraphrases, "poisoned": len(chosen), "count": len(joined),
            "negatives": sum(row[0] == 0 for row in joined),
            "sha256": digest(f"{label}\t{text}" for label, text in joined)}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE / "../../../shared/data")
    fixture = {
        "numpy": np.__version__,
        "legacy": [legacy(seed) for seed in [0, 1, 11, 12345, 2**32 - 1]],
        "modern": [modern(seed) for seed in [0, 1, 11, 2**32 - 1, 2**32, 2**63 - 1]],
        "splits": [split(count, seed, share) for count in [10, 101, 25_000, 67_349] for seed in [11, 12]
                   for share in [0.9, 0.29]] + [split(560_000, 11, 0.9, drawn=50_000)],
        "small": [small(share, seed) for share in [0, 0.25, 0.5, 0.75, 1] for seed in [11, 12]],
        "released": [released(folder, *case) for case in
                     [(None, 0.5), ("sst2-hiddenkiller", 0.3), ("sst2-bible", 0.2)]],
    }
    (HERE / "orders.json").write_text(json.dumps(fixture, separators=(",", ":")) + "\n")


main()
