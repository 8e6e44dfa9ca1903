"""Documents about models against those who read them: the published schemas of CycloneDX and SARIF,
model signing's own hashing and the hub's reader of model cards.

usage: documents.py --pure .build/release/pure --model DIR
"""

import argparse
import json
import pathlib
import subprocess
import sysconfig
import tempfile

import huggingface_hub
import jsonschema
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


def check_scans(pure, model, data, validator):
    """Formats of a scan, of a model that can be looked at and of one without texts."""
    schema = json.loads(
        (pathlib.Path(sysconfig.get_path("purelib")) / "sarif-schema.json").read_text())
    for name, texts in [("with texts", ["--data", data]), ("without texts", [])]:
        command = [pure, "scan", "--model", model, "--device", "cpu", *texts, "--format"]
        done = {form: subprocess.run([*command, form], capture_output=True, text=True)
                for form in ("json", "sarif", "cyclonedx")}
        codes = {form: run.returncode for form, run in done.items()}
        found = json.loads(done["json"].stdout)
        due = {"no sign found": 0, "backdoored": 10, "suspicious": 11, "inconclusive": 12}
        check(f"scan {name}: the exit code is the verdict's in every format",
              set(codes.values()) == {due[found["verdict"]]}, codes)
        log = json.loads(done["sarif"].stdout)
        faults = list(jsonschema.Draft4Validator(schema).iter_errors(log))
        check(f"scan {name}: the log is as SARIF's schema has it", not faults, faults[:3])
        run = log["runs"][0]
        check(f"scan {name}: what GitHub asks for is there", all(
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            and result["partialFingerprints"]["primaryLocationLineHash"]
            and run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
            for result in run["results"]))
        is_clean = found["verdict"] == "no sign found"
        check(f"scan {name}: nothing reads as clean that is not",
              bool(run["results"]) != is_clean
              and run["invocations"][0]["executionSuccessful"]
              == (not run["invocations"][0]["toolExecutionNotifications"]))
        check(f"scan {name}: the bill is as the schema has it",
              (fault := validator.validate_str(done["cyclonedx"].stdout)) is None, fault)
        bill = json.loads(done["cyclonedx"].stdout)
        check(f"scan {name}: the bill has verdict and digest",
              found["verdict"] in bill["annotations"][0]["text"]
              and found["digest"] == f"sha256:{root_digest(model)}"
              and bill["metadata"]["component"]["hashes"][0]["content"] == root_digest(model))


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
        check_scans(arguments.pure, folder / "attack", folder / "train.tsv", validator)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    raise SystemExit(main())
