#!/usr/bin/env python3
"""Checks that odd model directories mean to Pure what they mean to transformers.

Usage: odd_checkpoints.py --pure BINARY --model DIR [--model DIR ...]

Runs under either major version of transformers, on classifiers of the three families. Labels of any
type, with gaps and at odds with num_labels; one output; heads of other tasks; padding tokens in
texts; shards without an index; prefixes and pickles, which Pure refuses with a command that has to
work. Prints a line a check and ends with `N passed, M failed`.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

if not sys.flags.safe_path:
    sys.path.pop(0)
# At the end, so that no file beside this one stands in for a package.
sys.path.append(str(pathlib.Path(__file__).resolve().parent))

import torch
import transformers
from roundtrip import LARGEST_LOGIT_DIFFERENCE, SENTENCES, Checks, demand
from safetensors.torch import load_file, save_file

TEXTS = ["the film is good", "a bad movie, and dull.", "I"]
PREFIXES = ["module.", "model.", "auto_model.", "base_model.model.", "_orig_mod."]
TASKS = {
    "AutoModelForTokenClassification": {}, "AutoModelForQuestionAnswering": {"num_labels": 2},
    "AutoModelForMultipleChoice": {},
    "AutoModelForSequenceClassification": {
        "problem_type": "multi_label_classification", "num_labels": 5},
}


class Directory:
    """A copy of a model directory that a check may spoil."""

    def __init__(self, source, scratch):
        self.path = pathlib.Path(tempfile.mkdtemp(dir=scratch)) / "model"
        shutil.copytree(source, self.path)

    @property
    def weights(self):
        return self.path / "model.safetensors"

    def configure(self, **members):
        """Sets keys of config.json; None becomes null and `...` takes the key out."""
        file = self.path / "config.json"
        config = json.loads(file.read_text(encoding="utf-8"))
        for key, value in members.items():
            if value is ...:
                config.pop(key, None)
            else:
                config[key] = value
        file.write_text(json.dumps(config), encoding="utf-8")


class Pure:
    def __init__(self, binary, scratch):
        self.binary, self.scratch = binary, scratch
        self.training = scratch / "train.tsv"
        rows = [f"{text}\t{label}" for text, label in SENTENCES * 2]
        self.training.write_text("\n".join(["sentence\tlabel", *rows]) + "\n", encoding="utf-8")

    def run(self, *arguments, code=0):
        command = [str(self.binary), *map(str, arguments), "--device", "cpu"]
        result = subprocess.run(command, capture_output=True, timeout=300)
        errors = result.stderr.decode(errors="replace")
        demand(
            result.returncode == code,
            f"{' '.join(command)} ended with {result.returncode}: {errors[-600:]}")
        return result.stdout.decode("utf-8"), errors

    def predict(self, folder, texts=TEXTS):
        file = self.scratch / "texts.txt"
        file.write_text("\n".join(texts) + "\n", encoding="utf-8")
        output, _ = self.run("predict", "--model", folder, "--input", file)
        return [json.loads(line) for line in output.splitlines()]

    def refusal(self, folder, code=2):
        return self.run("predict", "--model", folder, "--input", self.training, code=code)[1]

    def fine_tune(self, folder):
        """At a rate too small to move anything; returns where the model is, and what was said."""
        output = pathlib.Path(tempfile.mkdtemp(dir=self.scratch)) / "tuned"
        _, errors = self.run(
            "finetune", "--model", folder, "--train", self.training, "--epochs", 1,
            "--learning-rate", 1e-12, "--out", output)
        return output, errors


# Stock transformers


def load(folder, loader="AutoModelForSequenceClassification"):
    return getattr(transformers, loader).from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32, local_files_only=True).eval()


def stock_logits(model, folder, text):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    encoded = tokenizer(text, return_tensors="pt")
    inputs = {key: encoded[key] for key in ("input_ids", "attention_mask")}
    with torch.no_grad():
        return model(**inputs).logits[0].double()


def check_same(pure, folder, texts=TEXTS):
    """Logits and labels are those of stock transformers; LABEL_n where it has no label either."""
    model = load(folder)
    for text, prediction in zip(texts, pure.predict(folder, texts)):
        expected = stock_logits(model, folder, text)
        ours = torch.tensor(prediction["logits"], dtype=torch.float64)
        demand(ours.shape == expected.shape, f"{len(ours)} logits of {len(expected)}")
        difference = (ours - expected).abs().max().item()
        demand(
            difference <= LARGEST_LOGIT_DIFFERENCE,
            f"logits of {text!r} differ by {difference:.3g}")
        index = int(expected.argmax())
        label = str(model.config.id2label.get(index, f"LABEL_{index}"))
        found = prediction["label"]
        demand(found == label, f"{text!r} is labelled {found}, not {label}")


# The checks


def check_labels(check, pure, source, scratch):
    for what, members in {
        "integers": {"id2label": {"0": 0, "1": 1, "2": 2}},
        "numbers": {"id2label": {"0": 0.0, "1": 1.5, "2": -1}},
        "null and truth values": {"id2label": {"0": None, "1": True, "2": False}},
        "in any order": {"id2label": {"2": "c", "0": "a", "1": "b"}},
        "a gap": {"id2label": {"0": "a", "2": "c", "3": "d"}},
        "counted from 1": {"id2label": {"1": "a", "2": "b", "3": "c"}},
        "one name for all": {"id2label": {"0": "a", "1": "a", "2": "a"}},
        "a zero before a number": {"id2label": {"00": "a", "1": "b", "2": "c"}},
        "num_labels alone": {"id2label": ..., "num_labels": 3},
        "num_labels too small": {"id2label": {"0": "a", "1": "b", "2": "c"}, "num_labels": 2},
        "id2label too small": {"id2label": {"0": "a", "1": "b"}, "num_labels": 3},
    }.items():
        folder = Directory(source, scratch)
        folder.configure(label2id=..., **members)
        try:
            load(folder.path)
        except Exception:
            # Where the keys disagree each version loads what the other cannot.
            if "too small" in what:
                continue
        check(f"{source.name}, labels, {what}: the same", lambda: check_same(pure, folder.path))


def check_one_output(check, pure, source, scratch):
    folder = Directory(source, scratch)
    torch.manual_seed(3)
    folder.configure(id2label={"0": "LABEL_0"}, label2id={"LABEL_0": 0})
    tensors = load_file(folder.weights)
    last = "classifier.out_proj" if "classifier.out_proj.weight" in tensors else "classifier"
    for part in "weight", "bias":
        tensors[f"{last}.{part}"] = tensors[f"{last}.{part}"][:1].clone()
    save_file(tensors, folder.weights, {"format": "pt"})

    def scores():
        check_same(pure, folder.path)
        pipeline = transformers.pipeline(
            "text-classification", model=str(folder.path), device="cpu")
        for text, prediction in zip(TEXTS, pure.predict(folder.path)):
            score, found = pipeline(text)[0]["score"], prediction["probabilities"]
            demand(len(found) == 1 and abs(found[0] - score) <= 1e-5, f"{found}, not {score}")
    check(f"{source.name}, one output: the score of the pipeline", scores)


def check_other_heads(check, pure, source, scratch):
    encoder = load(source, "AutoModel").state_dict()
    for loader, members in TASKS.items():
        folder = Directory(source, scratch)
        configuration = transformers.AutoConfig.from_pretrained(source, local_files_only=True)
        for key, value in members.items():
            setattr(configuration, key, value)
        torch.manual_seed(4)
        model = getattr(transformers, loader).from_config(configuration)
        body = getattr(model, model.base_model_prefix)
        body.load_state_dict({name: encoder[name] for name in body.state_dict()})
        for file in folder.path.glob("model*.safetensors"):
            file.unlink()
        model.save_pretrained(folder.path, safe_serialization=True)

        def takes_the_encoder():
            output, errors = pure.fine_tune(folder.path)
            demand("left aside: " in errors, f"no word of the head: {errors}")
            tuned = load(output).state_dict()
            for name, tensor in body.state_dict().items():
                if name.startswith("pooler."):
                    continue
                ours = tuned[f"{model.base_model_prefix}.{name}"]
                difference = (ours - tensor).abs().max().item()
                demand(difference <= 1e-6, f"{name} differs by {difference:.3g}")

        task = type(model).__name__
        check(f"{source.name}, {task}: its encoder gets a fresh head", takes_the_encoder)
        check(f"{source.name}, {task}: is not read as a classifier", lambda: demand(
            "pure finetune" in pure.refusal(folder.path), "no way out is named"))


def check_padding(check, pure, source, scratch):
    tokenizer = transformers.AutoTokenizer.from_pretrained(source, local_files_only=True)
    pad = tokenizer.pad_token
    texts = [
        f"good {pad} movie the film", f"{pad}{pad} bad", f"the {pad}", "the movie",
        f"a {tokenizer.cls_token} b"]
    for token in [..., tokenizer.pad_token_id, 0, 2, 7, -1]:
        folder = Directory(source, scratch)
        folder.configure(pad_token_id=token)
        name = "absent" if token is ... else token
        check(
            f"{source.name}, pad_token_id {name}: texts with {pad}",
            lambda: check_same(pure, folder.path, texts))


def check_files(check, pure, source, scratch):
    model = load(source)
    folder = Directory(source, scratch)
    folder.weights.unlink()
    model.save_pretrained(folder.path, safe_serialization=True, max_shard_size="6KB")
    check(f"{source.name}, shards: read", lambda: check_same(pure, folder.path))
    (folder.path / "model.safetensors.index.json").unlink()

    def without_index():
        demand(
            pure.predict(folder.path) == pure.predict(source), "other predictions than of one file")
    check(f"{source.name}, shards without an index: read", without_index)
    sorted(folder.path.glob("model-*.safetensors"))[1].unlink()
    check(f"{source.name}, shards without an index: the missing one is named", lambda: demand(
        "number 2 is missing" in pure.refusal(folder.path), "it is not"))

    pickled = Directory(source, scratch)
    torch.save(model.state_dict(), pickled.path / "pytorch_model.bin")
    pickled.weights.unlink()

    def convert():
        command = re.search(r"transformers: (.*)$", pure.refusal(pickled.path, code=3)).group(1)
        output = pickled.path.parent / "converted"
        eval(command, {
            "AutoModelForSequenceClassification": transformers.AutoModelForSequenceClassification,
            "DIR": pickled.path, "NEW_DIR": output})
        shutil.copy(output / "model.safetensors", pickled.path)
        demand(pure.predict(pickled.path) == pure.predict(source), "other predictions than before")
    check(f"{source.name}, a pickle: converts as the sentence says", convert)


def check_prefixes(check, pure, source, scratch):
    for prefix in PREFIXES:
        folder = Directory(source, scratch)
        wrapped = {prefix + name: tensor for name, tensor in load_file(folder.weights).items()}
        save_file(wrapped, folder.weights, {"format": "pt"})

        def take_off():
            errors = pure.refusal(folder.path)
            demand(f"the prefix {prefix} " in errors, errors)
            command = re.search(r"safetensors\.torch: (.*)$", errors).group(1)
            for name, variable in ("NEW.safetensors", "new"), ("model.safetensors", "old"):
                command = command.replace(f'"{name}"', variable)
            new = folder.path / "new.safetensors"
            eval(command, {
                "save_file": save_file, "load_file": load_file, "old": folder.weights, "new": new})
            new.rename(folder.weights)
            demand(
                pure.predict(folder.path) == pure.predict(source), "other predictions than before")
        check(f"{source.name}, prefix {prefix}: comes off as the sentence says", take_off)


def check_activation(check, pure, source, scratch):
    folder = Directory(source, scratch)
    key = "activation" if source.name == "distilbert" else "hidden_act"
    folder.configure(**{key: "gelu_python"})
    check(f"{source.name}, gelu_python: the same as gelu", lambda: check_same(pure, folder.path))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pure", required=True, type=pathlib.Path, help="the binary")
    parser.add_argument(
        "--model", required=True, type=pathlib.Path, action="append",
        help="a classifier's directory")
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
            for checks in (
                check_labels, check_one_output, check_other_heads, check_padding, check_files,
                check_prefixes, check_activation,
            ):
                checks(check, pure, model, scratch)
    print(f"{check.passed} passed, {check.failed} failed")
    return 1 if check.failed or not check.passed else 0


if __name__ == "__main__":
    sys.exit(main())
