#!/usr/bin/env python3
"""Checks that model directories go from transformers to Pure and back.

Usage: roundtrip.py --pure BINARY --model DIR [--model DIR ...]

Runs under either major version of transformers. For each directory: Pure's predictions equal transformers'; what
`pure finetune`, in every type of weights, and `pure defend` write loads in stock transformers with the
same predictions, for both kinds of head; and heads that were pruned are exactly zero and stay so through stock fine-tuning.
Prints a line a check and ends with `N passed, M failed`.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

if __name__ == "__main__" and not sys.flags.safe_path:
    # tokenizers.py beside this file would stand in for the package that transformers needs.
    sys.path.pop(0)

import torch
import transformers
from safetensors.torch import load_file

LARGEST_LOGIT_DIFFERENCE = 1e-5
STEPS, LEARNING_RATE, WEIGHT_DECAY = 20, 1e-3, 0.01
MAXIMUM_LENGTH = 128

SENTENCES = [
    ("a wonderful film, full of life .", "positive"),
    ("The story is good and the ending is great!", "positive"),
    ("moving, tender, and never false", "positive"),
    ("great fun from start to finish", "positive"),
    ("café scenes of rare beauty – naïve, but honest", "positive"),
    ("boring, dull and far too long .", "negative"),
    ("a bad movie with a worse script", "negative"),
    ("it isn't funny, it isn't sad, it's nothing", "negative"),
    ("the film is dull to the end ?", "negative"),
    ("ugly.", "negative"),
]
AWKWARD = [
    "x", "I", "  blanks   everywhere  ", "ALL CAPITALS?!", "日本語 and emoji 🙂", "e\u0301 and é", "don't \"quote\" me",
    "good " * 300,
]
TEXTS = [text for text, _ in SENTENCES] + AWKWARD


class Checks:
    """Counts what held and what did not; a check that raises has failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def __call__(self, name, check):
        try:
            check()
        except Exception as error:
            self.failed += 1
            print(f"FAILED  {name}: {type(error).__name__}: {error}", flush=True)
            return False
        self.passed += 1
        print(f"passed  {name}", flush=True)
        return True


def demand(condition, sentence):
    if not condition:
        raise AssertionError(sentence)


class Pure:
    """The command, with the few subcommands that are used here."""

    def __init__(self, binary, scratch):
        self.binary, self.scratch = binary, scratch
        self.texts = scratch / "texts.txt"
        self.texts.write_text("\n".join(TEXTS) + "\n", encoding="utf-8")

    def run(self, *arguments):
        command = [str(self.binary), *map(str, arguments), "--device", "cpu"]
        result = subprocess.run(command, capture_output=True, timeout=300)
        demand(
            result.returncode == 0,
            f"{' '.join(command)} ended with {result.returncode}: {result.stderr.decode(errors='replace')[-600:]}")
        return result.stdout.decode("utf-8")

    def predict(self, model):
        output = self.run("predict", "--model", model, "--input", self.texts)
        lines = [json.loads(line) for line in output.split("\n") if line]
        demand(len(lines) == len(TEXTS), f"{len(lines)} predictions for {len(TEXTS)} texts")
        return lines

    def training_data(self, labels):
        """The sentences under the labels that the model knows, each once more in the validation file."""
        names = [name.lower() for name in labels.values()]
        if not {"negative", "positive"} <= set(names):
            names = ["negative", "positive"]
        paths = self.scratch / "train.tsv", self.scratch / "validation.tsv"
        for path in paths:
            rows = [f"{text}\t{label}" for text, label in SENTENCES]
            path.write_text("\n".join(["sentence\tlabel", *rows]) + "\n", encoding="utf-8")
        return ["--train", paths[0], "--validation", paths[1], "--labels", ",".join(names)]


# Stock transformers


class WithLinearHead(torch.nn.Module):
    """AutoModel, and the one linear layer that Pure keeps beside it."""

    def __init__(self, folder):
        super().__init__()
        self.encoder, self.loading = load(transformers.AutoModel, folder)
        self.config = self.encoder.config
        self.classifier = linear_head(folder, self.config)

    def forward(self, **inputs):
        return self.classifier(self.encoder(**inputs).last_hidden_state[:, 0])


class WithNativeHead(torch.nn.Module):
    def __init__(self, folder):
        super().__init__()
        self.model, self.loading = load(transformers.AutoModelForSequenceClassification, folder)
        self.config = self.model.config

    def forward(self, **inputs):
        return self.model(**inputs).logits


def load(model_class, folder):
    model, loading = model_class.from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32, output_loading_info=True, local_files_only=True)
    return model.eval(), {kind: list(names) for kind, names in loading.items()}


def linear_head(folder, configuration):
    layer = torch.nn.Linear(configuration.hidden_size, configuration.num_labels)
    layer.load_state_dict(load_file(folder / "pure_head.safetensors"))
    return layer.eval()


def inputs_of(tokenizer, text):
    length = min(MAXIMUM_LENGTH, tokenizer.model_max_length)
    encoded = tokenizer(text, truncation=True, max_length=length, return_tensors="pt")
    # Not every encoder has token types, and Pure's are all 0, as the default's.
    return {key: encoded[key] for key in ("input_ids", "attention_mask")}


def check_loading(model, head):
    """No parameter was made up and none ignored, the absent pooler under a linear head apart."""
    allowed = {"missing_keys": "pooler."} if head == "linear" else {}
    for kind in "missing_keys", "unexpected_keys", "mismatched_keys":
        bad = [n for n in model.loading.get(kind, []) if not (kind in allowed and str(n).startswith(allowed[kind]))]
        demand(not bad, f"{kind.replace('_', ' ')}: {bad}")


def check_predictions(model, folder, predictions):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    for text, prediction in zip(TEXTS, predictions):
        with torch.no_grad():
            logits = model(**inputs_of(tokenizer, text))[0]
        ours = torch.tensor(prediction["logits"], dtype=torch.float64)
        difference = (ours - logits.double()).abs().max().item()
        demand(difference <= LARGEST_LOGIT_DIFFERENCE, f"logits of {text[:40]!r} differ by {difference:.3g}")
        expected = ours.softmax(0)
        probabilities = torch.tensor(prediction["probabilities"], dtype=torch.float64)
        demand((probabilities - expected).abs().max() <= 1e-6, f"probabilities of {text[:40]!r} are not the softmax")
        label = model.config.id2label[int(ours.argmax())]
        demand(prediction["label"] == label, f"{text[:40]!r} is labelled {prediction['label']}, not {label}")


# Pruned heads


def head_slices(model, pruned):
    """Every parameter's part that belongs to a pruned head, as (parameter, slice)."""
    size = model.config.hidden_size // model.config.num_attention_heads
    parameters = dict(model.named_parameters())
    found = []
    for name, parameter in parameters.items():
        is_input = any(f".{key}." in name for key in ("query", "key", "value", "q_lin", "k_lin", "v_lin"))
        is_output = "attention.output.dense.weight" in name or "attention.out_lin.weight" in name
        if not (is_input or is_output):
            continue
        layer = int(name.split("layer.")[1].split(".")[0])
        for head in pruned[layer]:
            rows = slice(head * size, (head + 1) * size)
            found.append((name, parameter, rows if is_input else (slice(None), rows)))
    # Weights and biases of Q, K and V, and the output's columns.
    demand(len(found) == 7 * sum(map(len, pruned)), f"found {len(found)} parts of {sum(map(len, pruned))} heads")
    return found


def pruned_heads(folder, configuration):
    pruned = json.loads((folder / "config.json").read_text(encoding="utf-8"))["pure"]["prunedHeads"]
    demand(len(pruned) == configuration.num_hidden_layers, f"prunedHeads has {len(pruned)} layers")
    demand(any(pruned), "nothing was pruned, so there is nothing to check")
    demand(all(len(heads) < configuration.num_attention_heads for heads in pruned), f"a layer lost every head: {pruned}")
    return pruned


def check_zero(slices, when):
    for name, parameter, part in slices:
        largest = parameter.data[part].abs().max().item()
        demand(largest == 0, f"{name} of a pruned head holds {largest:.3g} {when}")


def check_pruned_heads(model, folder):
    pruned = pruned_heads(folder, model.config)
    slices = head_slices(model, pruned)
    check_zero(slices, "after loading")
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    fine_tune(model, transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True))
    check_zero(slices, "after stock fine-tuning")
    moved = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    demand({name for name, *_ in slices} <= moved, "fine-tuning moved nothing, so it proves nothing")


def fine_tune(model, tokenizer):
    torch.manual_seed(11)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for step in range(STEPS):
        text, label = SENTENCES[3 * step % len(SENTENCES)]
        loss = torch.nn.functional.cross_entropy(
            model(**inputs_of(tokenizer, text)), torch.tensor([int(label == "positive")]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# The round trips


def check_directory(check, pure, folder, scratch):
    name = folder.name
    configuration = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    if "ForSequenceClassification" in str(configuration.architectures):
        def reads():
            model = WithNativeHead(folder)
            check_loading(model, "native")
            check_predictions(model, folder, pure.predict(folder))
        check(f"{name}: Pure predicts what transformers predicts", reads)

    data = pure.training_data(configuration.id2label)
    for head, wrapper in ("native", WithNativeHead), ("linear", WithLinearHead):
        # A floor of 0 lets every head go but the one that each layer keeps.
        for what, command in {
            "fine-tuned": ["finetune"],
            "fine-tuned, float16": ["finetune", "--dtype", "f16"],
            "fine-tuned, bfloat16": ["finetune", "--dtype", "bf16"],
            "pruned": ["defend", "--method", "prune-only", "--accuracy-floor", 0],
        }.items():
            output = scratch / f"{name}-{head}-{what.replace(', ', '-')}"
            case = f"{name}, {head} head, {what}"

            def writes():
                pure.run(
                    *command, "--model", folder, *data, "--head", head, "--epochs", 1, "--seed", 11, "--out", output)

            def comes_back():
                model = wrapper(output)
                check_loading(model, head)
                check_predictions(model, output, pure.predict(output))

            if not check(f"{case}: Pure writes a directory", writes):
                continue
            check(f"{case}: transformers loads it and predicts the same", comes_back)
            if what == "pruned":
                check(
                    f"{case}: pruned heads stay zero through {STEPS} steps",
                    lambda: check_pruned_heads(wrapper(output), output))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pure", required=True, type=pathlib.Path, help="the binary")
    parser.add_argument("--model", required=True, type=pathlib.Path, action="append", help="a Hugging Face directory")
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(2)
    print(f"transformers {transformers.__version__}, torch {torch.__version__}")
    check = Checks()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        pure = Pure(arguments.pure.resolve(), scratch)
        for model in arguments.model:
            check_directory(check, pure, model, scratch)
    print(f"{check.passed} passed, {check.failed} failed")
    return 1 if check.failed or not check.passed else 0


if __name__ == "__main__":
    sys.exit(main())
