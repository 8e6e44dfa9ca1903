#!/usr/bin/env python3
"""Writes Tests/Fixtures/regression.json: TF-IDF and logistic regression as scikit-learn has them by default.

    pip install scikit-learn==1.9.1 numpy==2.4.6
    python3 Tests/Fixtures/generate_regression.py

Texts are lists of term ids. The solver is asked for more digits than by default, so that the numbers are those of
the minimum and not of where a solver stops.
"""
import json
import pathlib

import numpy
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

HERE = pathlib.Path(__file__).resolve().parent


def draw(seed, count, terms, share, telling):
    """Texts of random terms, rare ones with high ids; some terms of each class, the first ones, tell it."""
    random = numpy.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(count):
        label = bool(random.random() < share)
        length = random.integers(0, 12)
        text = [int(terms * u * u) for u in random.random(length)]
        if telling and length:
            text.append(int(random.integers(0, 3)) + (0 if label else 3))
        texts.append([3 * term + 1 for term in text])
        labels.append(label)
    return texts, labels


def case(texts, labels):
    vectorizer = TfidfVectorizer(analyzer=lambda text: text)
    inputs = vectorizer.fit_transform(texts)
    regression = LogisticRegression(solver="newton-cholesky", tol=1e-14, max_iter=1000).fit(inputs, labels)
    weights, intercept = regression.coef_[0], regression.intercept_[0]
    residual = 1 / (1 + numpy.exp(-(inputs @ weights + intercept))) - numpy.array(labels)
    gradient = numpy.append(inputs.T @ residual + weights, residual.sum())
    assert numpy.abs(gradient).max() < 1e-9, gradient
    return {
        "texts": texts, "labels": labels, "terms": [int(term) for term in vectorizer.get_feature_names_out()],
        "rows": [[float(value) for value in row] for row in inputs.toarray()[:4]],
        "coefficients": [float(value) for value in weights], "intercept": float(intercept)}


def main():
    cases = {
        "alike": case(*draw(1, 40, 15, 0.5, telling=False)),
        "telling": case(*draw(2, 60, 25, 0.5, telling=True)),
        "uneven": case(*draw(3, 80, 20, 0.1, telling=True)),
        "tiny": case([[5, 5, 9], [9]], [True, False]),
    }
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(value)}" for name, value in cases.items())
    (HERE / "regression.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
