"""Writes statistics.json: what SciPy says of paired differences.

    python statistics.py    (SciPy 1.17.1)
"""

import itertools
import json
import pathlib

import numpy
import scipy.stats


def exact_signed_rank(differences):
    """Every way to give signs, counted out: SciPy's exact test does not know equal ranks."""
    ranks = scipy.stats.rankdata([abs(value) for value in differences if value != 0])
    signs = [value > 0 for value in differences if value != 0]
    positive = sum(rank for rank, sign in zip(ranks, signs) if sign)
    sums = [sum(rank for rank, sign in zip(ranks, way) if sign)
            for way in itertools.product([False, True], repeat=len(ranks))]
    lower = sum(value <= positive for value in sums) / len(sums)
    upper = sum(value >= positive for value in sums) / len(sums)
    return float(min(1, 2 * min(lower, upper)))


def case(first, second, exact):
    differences = [a - b for a, b in zip(first, second)]
    student = scipy.stats.ttest_rel(first, second)
    interval = student.confidence_interval(0.95)
    rank = (scipy.stats.wilcoxon(first, second, mode="exact").pvalue if exact
            else exact_signed_rank(differences))
    return {
        "first": first, "second": second, "student": float(student.pvalue),
        "low": float(interval.low), "high": float(interval.high), "wilcoxon": float(rank),
    }


def main():
    random = numpy.random.default_rng(11)
    cases = []
    for count in [2, 3, 4, 5, 6, 9, 10, 15, 24, 45]:
        for shift in [0, 0.7]:
            first = random.normal(size=count).round(6).tolist()
            second = random.normal(loc=shift, size=count).round(6).tolist()
            cases.append(case(first, second, exact=True))
    # Equal differences and zeros, in quarters so that they are equal to the last bit.
    for count in [4, 6, 9, 12]:
        first = (random.integers(-6, 7, size=count) / 4).tolist()
        second = (random.integers(-3, 4, size=count) / 4).tolist()
        cases.append(case(first, second, exact=False))
    quantiles = [
        {"degrees": degrees, "share": share,
         "t": float(scipy.stats.t.isf(share / 2, degrees))}
        for degrees in [1, 2, 3, 4, 5, 9, 14, 44, 99] for share in [0.9, 0.1, 0.05, 0.01, 0.001]
    ]
    path = pathlib.Path(__file__).with_name("statistics.json")
    path.write_text(json.dumps({"cases": cases, "quantiles": quantiles}, indent=1) + "\n")


main()
