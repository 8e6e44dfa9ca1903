"""Writes detection.json: areas under ROC curves and likelihood ratios in plain Python.

    python detection.py
"""

import json
import math
import pathlib
import random


def area(positive, negative):
    """By the trapezoids of the curve itself, from threshold to threshold."""
    thresholds = sorted(set(positive + negative), reverse=True)
    points = [(0.0, 0.0)] + [
        (sum(x >= t for x in negative) / len(negative),
         sum(x >= t for x in positive) / len(positive)) for t in thresholds]
    return sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in zip(points, points[1:]))


def ratio(a, n, b, m):
    """Poisoned a of n, clean b of m: half a model in each of the four cells."""
    table = [[a + .5, n - a + .5], [b + .5, m - b + .5]]
    shares = [row[0] / sum(row) for row in table]
    error = math.sqrt(sum(1 / row[0] - 1 / sum(row) for row in table))
    value = shares[0] / shares[1]
    low, high = (math.exp(math.log(value) + sign * 1.959963984540054 * error) for sign in (-1, 1))
    return {"counts": [a, n, b, m], "value": value, "low": low, "high": high}


def main():
    random.seed(11)
    areas = []
    for n, m, steps in [(1, 1, 3), (5, 4, 1000), (12, 12, 6), (30, 7, 4), (3, 3, 1)]:
        positive = [random.randrange(steps + 1) / steps for _ in range(n)]
        negative = [random.randrange(steps + 1) / (steps + 1) for _ in range(m)]
        areas.append({"positive": positive, "negative": negative,
                      "area": area(positive, negative)})
    ratios = [ratio(*counts) for counts in [(9, 10, 1, 10), (18, 18, 0, 4), (0, 18, 4, 4),
                                            (3, 54, 2, 12), (0, 0, 0, 0)]]
    path = pathlib.Path(__file__).with_name("detection.json")
    path.write_text(json.dumps({"areas": areas, "ratios": ratios}, indent=1) + "\n")


main()
