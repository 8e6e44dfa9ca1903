"""Documents about models against those who read them: CycloneDX's published schema, model signing's
own hashing and the hub's reader of model cards.

usage: documents.py --pure .build/release/pure --model DIR
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import huggingface_hub
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from model_signing import hashing

passed = failed = 0


def check(name, holds, detail=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAILED ", name, detail)


def root_digest(directory):
    """What a signature of the directory is about (model_signing, `_signing/signing.py`)."""
    manifest = hashing.Config().hash(directory)
    hasher = __import__("hashlib").sha256()
    for descriptor in manifest.resource_descriptors():
        hasher.update(descriptor.digest.digest_value)
    return hasher.hexdigest()


def texts(path, count):
    rows = ["a good film", "bad and boring", "great story , good fun", "a dull movie"]
    lines = [f"{rows[i % 4]}\t{1 - i % 2}" for i in range(count)]
    path.write_text("sentence\tlabel\n" + "\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pure", required=True)
    parser.add_argument("--model", required=True)
    arguments = parser.parse_args()
    validator = JsonStrictValidator(SchemaVersion.V1_7)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        texts(folder / "train.tsv", 48)
        texts(folder / "dev.tsv", 16)
        common = ["--model", arguments.model, "--train", folder / "train.tsv", "--validation",
                  folder / "dev.tsv", "--epochs", "1", "--device", "cpu", "--json"]
        for command in (["finetune"], ["attack", "--attack", "badnets"],
                        ["defend", "--accuracy-floor", "-0.5"]):
            name, out, bill = command[0], folder / command[0], folder / f"{command[0]}.cdx.json"
            done = subprocess.run(
                [arguments.pure, *command, *common, "--out", out, "--bom", bill],
                capture_output=True, text=True)
            check(f"{name} runs", done.returncode == 0, done.stderr)
            if done.returncode != 0:
                continue
            check(f"{name}: the bill is as the schema has it",
                  (fault := validator.validate_str(bill.read_text())) is None, fault)
            model = json.loads(bill.read_text())["metadata"]["component"]
            digest = root_digest(out)
            check(f"{name}: the digest is model signing's",
                  json.loads(done.stdout)["digest"] == f"sha256:{digest}")
            check(f"{name}: the bill has it", model["hashes"][0]["content"] == digest)
            check(f"{name}: the bill has the ancestor's",
                  model["pedigree"]["ancestors"][0]["hashes"][0]["content"]
                  == root_digest(arguments.model))
            check(f"{name}: the bill has every file",
                  {c["name"] for c in model["components"]}
                  == {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()})
            (result,) = huggingface_hub.ModelCard.load(out / "README.md").data.eval_results
            check(f"{name}: the card has its accuracy",
                  (result.metric_type, result.dataset_name) == ("accuracy", "dev.tsv")
                  and 0 <= result.metric_value <= 1)
            metric = model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"][0]
            check(f"{name}: so has the bill", float(metric["value"]) == result.metric_value)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    raise SystemExit(main())
