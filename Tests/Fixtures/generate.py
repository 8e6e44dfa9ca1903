#!/usr/bin/env python3
"""Makes the whole-model fixtures with PyTorch: `make fixtures`. README.md says what they hold.

Each number is computed in float64 and rounded to float32 for storage. The same run in float32 gives the error
that a plain implementation makes, which is the yardstick for the bounds in the tests.
"""

import json
import pathlib

import tokenizers
import torch
import transformers
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy

import tiny_models

HERE = pathlib.Path(__file__).resolve().parent

# Not sorted, so that code which reorders texts by length has to put results back.
LENGTHS = [7, 2, 17, 3, 11]
CLASSES = [2, 0, 1, 1, 0]
MASKED_HEADS = [[1], [0, 2]]
LAYER_WEIGHTS = [0.35, 0.8]
MU = 0.15
STEPS, LEARNING_RATE, WEIGHT_DECAY, LARGEST_NORM = 10, 1e-3, 0.01, 1.0

ENTROPY_WEIGHT = 0.7
# A random direction would have to be stored; of this one a formula is enough: cos(1 + layer + 2 column).
STATE_WEIGHT = 0.05

# The restricted inner product: the first three texts are clean, the other two poisoned, with labels whose gradient
# works against the clean one's.
CLEAN_COUNT = 3
POISONED_CLASSES = {"bert": [1, 1], "roberta": [1, 0], "distilbert": [2, 0]}
RESTRICTED_WEIGHT = 0.5

VARIANTS = {
    "plain": {"masked": False, "norm": None},
    "masked": {"masked": True, "norm": None},
    "paper": {"masked": True, "norm": "paper"},
    "reference": {"masked": True, "norm": "reference"},
    "layerwise": {"masked": True, "norm": "paper", "more": "layerwise"},
    "entropy": {"masked": False, "norm": None, "more": "entropy"},
    "every-layer": {"masked": False, "norm": None, "more": "every layer"},
}
HIDDEN_STATES_KEPT = {("native", "plain"), ("native", "masked")}
TRAINING_KEPT = {("native", "plain"), ("native", "paper"), ("linear", "masked"), ("linear", "reference")}


class LinearHead(torch.nn.Module):
    """The encoder of a classification model with one linear layer on the last [CLS], as in the paper."""

    def __init__(self, model, classifier):
        super().__init__()
        encoder = getattr(model, model.base_model_prefix)
        if hasattr(encoder, "pooler"):
            encoder.pooler = None
        setattr(self, model.base_model_prefix, encoder)
        self.encoder_name, self.classifier = model.base_model_prefix, classifier

    def forward(self, **inputs):
        output = getattr(self, self.encoder_name)(**inputs)
        output.logits = self.classifier(output.last_hidden_state[:, 0])
        return output


class Batch:
    """The five texts, packed as Pure has them and padded as transformers wants them."""

    def __init__(self, tokenizer, generator):
        self.labels = torch.tensor(CLASSES)
        self.offsets = [0]
        self.ids = []
        plain_ids = [i for i in range(len(tokenizer)) if i not in tokenizer.all_special_ids]
        for length in LENGTHS:
            drawn = torch.randint(len(plain_ids), (length - 2,), generator=generator)
            self.ids += [tokenizer.cls_token_id] + [plain_ids[i] for i in drawn] + [tokenizer.sep_token_id]
            self.offsets.append(len(self.ids))
        self.padded = torch.full((len(LENGTHS), max(LENGTHS)), tokenizer.pad_token_id)
        self.attention_mask = torch.zeros_like(self.padded)
        for row, length in enumerate(LENGTHS):
            self.padded[row, :length] = torch.tensor(self.ids[self.offsets[row]:self.offsets[row + 1]])
            self.attention_mask[row, :length] = 1

    def packed(self, padded):
        """[texts, longest, features] as [tokens, features]."""
        return padded[self.attention_mask.bool()]


# The quantities


def gate(dtype):
    """[layers, heads]: 0 for a masked head, 1 for any other."""
    mask = torch.ones(tiny_models.LAYERS, tiny_models.HEADS, dtype=dtype)
    for layer, heads in enumerate(MASKED_HEADS):
        mask[layer, heads] = 0
    return mask


def mask_contexts(model):
    """Masks heads where their contexts enter the output projection; gives back the hooks to remove."""
    projections = [
        module for name, module in model.named_modules()
        if name.endswith(("attention.output.dense", "attention.out_lin"))]
    mask = gate(next(model.parameters()).dtype)
    size = tiny_models.HIDDEN // tiny_models.HEADS
    return [
        projection.register_forward_pre_hook(
            lambda _, inputs, columns=mask[layer].repeat_interleave(size): (inputs[0] * columns,))
        for layer, projection in enumerate(projections)]


def norm_term(square_sums, alive, recipe):
    """mu * sum_l lambda_l * sum_h of the norms; square_sums is [layers, texts, heads]."""
    total = square_sums.new_zeros(())
    for layer, weight in enumerate(LAYER_WEIGHTS):
        sums = square_sums[layer][:, alive[layer].bool()]
        norms = sums.sqrt().mean(0) if recipe == "paper" else sums.sum(0).sqrt()
        total = total + weight * norms.sum()
    return MU * total


def output_layer(model):
    """The linear layer that ends the head."""
    return getattr(model.classifier, "out_proj", model.classifier)


def every_layer_term(model, batch, states):
    """The output layer on every layer's [CLS] state."""
    return sum(cross_entropy(output_layer(model)(state), batch.labels) for state in states)


def state_term(states):
    """A linear function of every layer's [CLS] state."""
    total = 0
    for layer, state in enumerate(states):
        columns = torch.arange(state.shape[1], dtype=state.dtype)
        direction = torch.cos(1 + layer + 2 * columns)
        total = total + STATE_WEIGHT * (state * direction).sum(1).mean()
    return total


def entropy_term(logits):
    return ENTROPY_WEIGHT * (logits.softmax(1) * logits.log_softmax(1)).sum(1).mean()


def forward(model, batch, variant, head_mask=None):
    output = model(
        input_ids=batch.padded, attention_mask=batch.attention_mask, output_attentions=True,
        output_hidden_states=True, **({} if head_mask is None else {"head_mask": head_mask}))
    dtype = output.logits.dtype
    alive = gate(dtype) if variant["masked"] else torch.ones_like(gate(dtype))
    square_sums = torch.stack([a[:, :, 0].square().sum(-1) for a in output.attentions]) * alive[:, None]
    loss = cross_entropy(output.logits, batch.labels)
    total = loss if variant["norm"] is None else loss + norm_term(square_sums, alive, variant["norm"])
    states = [state[:, 0] for state in output.hidden_states[1:]]
    if variant.get("more") in ("layerwise", "every layer"):
        total = total + every_layer_term(model, batch, states)
    if variant.get("more") == "layerwise":
        total = total + state_term(states)
    if variant.get("more") == "entropy":
        total = total + entropy_term(output.logits)
    return output, square_sums, loss, total


def gradients(model, total):
    model.zero_grad()
    total.backward()
    return {f"gradient/{name}": p.grad.clone() for name, p in model.named_parameters()}


def restricted(model, batch, poisoned_labels, by_tensor):
    """RIPPLe's loss (Kurita et al. 2020) and its gradient by double backward; the clean gradient is a constant."""
    parameters = list(model.parameters())

    def loss(texts, labels):
        logits = model(input_ids=batch.padded[texts], attention_mask=batch.attention_mask[texts]).logits
        return cross_entropy(logits, labels)

    clean_texts, poisoned_texts = slice(CLEAN_COUNT), slice(CLEAN_COUNT, None)
    clean = torch.autograd.grad(loss(clean_texts, batch.labels[clean_texts]), parameters)
    poisoned_loss = loss(poisoned_texts, torch.tensor(poisoned_labels))
    poisoned = torch.autograd.grad(poisoned_loss, parameters, create_graph=True)
    products = torch.stack([(c * p).sum() for c, p in zip(clean, poisoned)])
    if not (products.sum() < 0 and (products < 0).any() and (products > 0).any()):
        raise AssertionError(f"the products {products} restrict nothing, or everything")
    violation = (-products).relu().sum() if by_tensor else (-products.sum()).relu()
    total = poisoned_loss + RESTRICTED_WEIGHT / CLEAN_COUNT * violation
    return {"total": total.detach()[None], **gradients(model, total)}


def train(model, batch, variant):
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, 0, STEPS)
    totals, norms = [], []
    for _ in range(STEPS):
        *_, total = forward(model, batch, variant)
        optimizer.zero_grad()
        total.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), LARGEST_NORM))
        optimizer.step()
        schedule.step()
        totals.append(total.detach())
    trained = {f"trained/{name}": p.detach().clone() for name, p in model.named_parameters()}
    return {"training/total": torch.stack(totals), "training/gradientNorm": torch.stack(norms), **trained}


def measure(model, batch, head, name):
    """Everything that is kept about one case."""
    variant = VARIANTS[name]
    hooks = mask_contexts(model) if variant["masked"] else []
    output, square_sums, loss, total = forward(model, batch, variant)
    kept = {
        "logits": output.logits, "clsSquareSums": square_sums, "loss": loss[None], "total": total[None],
        **gradients(model, total)}
    if (head, name) in HIDDEN_STATES_KEPT:
        kept |= {f"hidden/{i}": batch.packed(state) for i, state in enumerate(output.hidden_states)}
    if (head, name) in TRAINING_KEPT:
        kept |= train(model, batch, variant)
    for hook in hooks:
        hook.remove()
    return {key: value.detach() for key, value in kept.items()}


# The witnesses: the two ways to mask a head agree, and padding changes nothing


def check_against_head_mask(model, batch, variant, kept):
    output, *_, total = forward(model, batch, variant, head_mask=gate(torch.float64))
    expect_equal("logits under head_mask", output.logits, kept["logits"])
    for key, value in gradients(model, total).items():
        expect_equal(f"{key} under head_mask", value, kept[key])


def check_without_padding(model, batch, kept):
    for row, (start, end) in enumerate(zip(batch.offsets, batch.offsets[1:])):
        alone = model(input_ids=torch.tensor([batch.ids[start:end]]))
        expect_equal(f"text {row} without padding", alone.logits[0], kept["logits"][row])


def expect_equal(what, found, expected):
    # A few hundred roundings apart at most, in float64.
    if not (found - expected).abs().max() <= 1e-12 * expected.abs().max().clamp(min=1):
        raise AssertionError(f"{what} differs: {found} instead of {expected}")


# The files


def fresh_model(folder, head, classifier, dtype):
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager")
    if head == "linear":
        linear = torch.nn.Linear(tiny_models.HIDDEN, len(tiny_models.LABELS))
        linear.load_state_dict(classifier)
        model = LinearHead(model, linear)
    return model.eval().to(dtype)


def make_family(family, seed):
    generator = torch.Generator().manual_seed(seed)
    folder = HERE / "models" / family
    tiny_models.make(family, folder, generator)
    batch = Batch(transformers.AutoTokenizer.from_pretrained(folder), generator)
    linear = torch.nn.Linear(tiny_models.HIDDEN, len(tiny_models.LABELS))
    tiny_models.randomize(linear, generator)
    classifier = linear.state_dict()

    tensors = {f"{family}/linear/start/classifier.{key}": value for key, value in classifier.items()}
    deviations = {}

    def keep(name, exact, plain):
        for key, value in exact.items():
            tensors[f"{name}/{key}"] = value.float().contiguous()
            deviations[f"{name}/{key}"] = (plain[key] - value).abs().max().item()

    for head in "native", "linear":
        for name, variant in VARIANTS.items():
            exact = measure(fresh_model(folder, head, classifier, torch.float64), batch, head, name)
            plain = measure(fresh_model(folder, head, classifier, torch.float32), batch, head, name)
            witness = fresh_model(folder, head, classifier, torch.float64)
            if variant["masked"]:
                check_against_head_mask(witness, batch, variant, exact)
            elif head == "native":
                check_without_padding(witness, batch, exact)
            keep(f"{family}/{head}/{name}", exact, plain)
    for name in "restricted", "restricted-by-tensor":
        exact, plain = (
            restricted(
                fresh_model(folder, "native", None, dtype), batch, POISONED_CLASSES[family],
                by_tensor=name == "restricted-by-tensor")
            for dtype in (torch.float64, torch.float32))
        keep(f"{family}/native/{name}", exact, plain)
    write(family, batch, tensors, deviations)


def write(family, batch, tensors, deviations):
    folder = HERE / "encoders"
    folder.mkdir(exist_ok=True)
    save_file(tensors, folder / f"{family}.safetensors", {"format": "pt"})
    about = {
        "versions": {m.__name__: m.__version__ for m in (torch, transformers, tokenizers)},
        "batch": {"ids": batch.ids, "offsets": batch.offsets, "labels": CLASSES},
        "heads": {"masked": MASKED_HEADS},
        "norm": {"mu": MU, "layerWeights": LAYER_WEIGHTS},
        "terms": {"entropyWeight": ENTROPY_WEIGHT, "stateWeight": STATE_WEIGHT},
        "restricted": {
            "cleanCount": CLEAN_COUNT, "poisonedLabels": POISONED_CLASSES[family], "weight": RESTRICTED_WEIGHT},
        "training": {
            "steps": STEPS, "learningRate": LEARNING_RATE, "weightDecay": WEIGHT_DECAY,
            "largestGradientNorm": LARGEST_NORM},
        "float32Deviation": {key: float(f"{value:.3g}") for key, value in deviations.items()},
    }
    (folder / f"{family}.json").write_text(two_levels(about))
    print(f"{family}: {len(tensors)} tensors, {sum(t.numel() for t in tensors.values()):,} numbers")


def two_levels(value):
    """JSON with a line for each entry of the first two levels, so that lists stay on one line."""
    sections = []
    for key, section in value.items():
        entries = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in section.items())
        sections.append(f" {json.dumps(key)}: {{\n{entries}\n }}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


def main():
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for seed, family in enumerate(tiny_models.FAMILIES, start=1):
        make_family(family, seed)


if __name__ == "__main__":
    main()
