#!/usr/bin/env python3
"""What PyTorch makes of a GPU, in one process: ceilings, training steps, inference. Prints JSON.

    ceilings    copies, products of each precision, scaled-dot-product attention: what the GPU can do
    training    steps as pytorch.py has them, in fp32, tf32, bf16, and bf16 compiled with CUDA graphs
    inference   forward passes of the encoder in bf16, texts of like length together

Weights are fp32 whatever the file says. Every size is gone through before the clock runs, batches
lie on the device by then, and the device is waited for once, at the end. What has no time left
within --seconds is left out and named. Tokens are real ones: padding counts for nothing.
"""

import argparse
import itertools
import json
import sys
import time

import torch
import transformers

import pytorch

# Cases of training: their name, whose model, texts or random ids, batch, what they are padded to;
# and the modes that a GPU is asked for. The paper's setting is padding in fp32.
TRAINING = [
    ("BERT-base, 32 x 128", "base", False, 32, 128, ["bf16 compiled", "bf16", "tf32", "fp32"]),
    ("MiniLM, texts", "model", True, 32, None, ["tf32", "bf16", "bf16 compiled", "fp32"]),
    ("BERT-base, texts", "base", True, 32, None, ["tf32", "bf16", "bf16 compiled", "fp32"]),
    ("BERT-base, 256 x 128", "base", False, 256, 128, ["bf16 compiled", "bf16"]),
    ("MiniLM, padded", "model", True, 32, 128, ["fp32"]),
]
INFERENCE = ("BERT-base, texts", 256)
MOST_BATCHES = 30


class Clock:
    """The time there is, and the device's own."""

    def __init__(self, device, seconds):
        self.device, self.end = device, time.perf_counter() + seconds

    def left(self):
        return self.end - time.perf_counter()

    def wait(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def time(self, body, most=1.0, least=3):
        """Seconds that one call takes, of as many as go into `most` seconds; warmed up by the caller."""
        self.wait()
        start = time.perf_counter()
        body()
        self.wait()
        count = max(least, int(min(most, self.left() / 2) / (time.perf_counter() - start)))
        start = time.perf_counter()
        for _ in range(count):
            body()
        self.wait()
        return (time.perf_counter() - start) / count


def ceilings(clock, is_rehearsal):
    device, found = clock.device, {}
    count = 1 << (16 if is_rehearsal else 28)
    source = torch.ones(count, device=device)
    target = torch.empty_like(source)
    target.copy_(source)
    found["copyBytesPerSecond"] = 8 * count / clock.time(lambda: target.copy_(source))
    size = 64 if is_rehearsal else 8192
    for name, dtype, setting in [
            ("bf16", torch.bfloat16, "highest"), ("tf32", torch.float32, "high"), ("fp32", torch.float32, "highest")]:
        torch.set_float32_matmul_precision(setting)
        left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
        left @ right
        found[f"productsPerSecond {name}"] = 2 * size ** 3 / clock.time(lambda: left @ right)
    for length in [32, 128] if is_rehearsal else [32, 128, 256, 512]:
        texts = (256 if is_rehearsal else 16384) // length
        shape = texts, 12, length, 64
        query, key, value, gradient = (
            torch.randn(shape, device=device, dtype=torch.bfloat16, requires_grad=part < 3) for part in range(4))

        def forward():
            return torch.nn.functional.scaled_dot_product_attention(query, key, value, dropout_p=0.1)

        def both():
            forward().backward(gradient)

        both()
        found[f"attentionSeconds {length}"] = {
            "forward": clock.time(forward, most=0.3), "both": clock.time(both, most=0.3)}
    return found


def encoder_of(kind, arguments):
    if kind == "model" or arguments.rehearse:
        encoder = transformers.AutoModel.from_pretrained(
            arguments.model, add_pooling_layer=False, dtype=torch.float32)
    else:
        encoder = transformers.BertModel(transformers.BertConfig(), add_pooling_layer=False)
    return encoder.float()


def batches_of(encoder, has_texts, size, padding, arguments):
    """Batches on the device, and their real tokens."""
    if arguments.rehearse:
        has_texts, padding = True, None
    if has_texts:
        drawn = pytorch.batches_of_texts(arguments.model, arguments.data, size, arguments.seed)
    else:
        drawn = itertools.islice(pytorch.batches_of_random_ids(encoder.config, size, arguments.seed), 4)
    batches, tokens = [], 0
    for batch in itertools.islice(drawn, 2 if arguments.rehearse else MOST_BATCHES):
        inputs, labels = pytorch.padded(batch, padding or max(len(ids) for ids, _ in batch))
        batches.append(({name: tensor.to(arguments.device) for name, tensor in inputs.items()},
                        labels.to(arguments.device)))
        tokens += sum(len(ids) for ids, _ in batch)
    return batches, tokens


class GraphedStep(pytorch.Step):
    """Compiled, with a CUDA graph for each size of batch."""

    def __init__(self, encoder, device, is_one_size):
        super().__init__(encoder, device, "bf16")
        self.loss = torch.compile(self.eager_loss, mode="reduce-overhead", dynamic=not is_one_size)

    def queue(self, inputs, labels):
        torch.compiler.cudagraph_mark_step_begin()
        super().queue(inputs, labels)


def step_of(mode, encoder, is_one_size, device):
    torch.set_float32_matmul_precision("high" if mode == "tf32" else "highest")
    if mode == "bf16 compiled":
        return GraphedStep(encoder, device, is_one_size)
    return pytorch.Step(encoder, device, mode)


def rate(clock, work, batches, tokens, most):
    """Tokens/s over all batches, gone through once before."""
    def round():
        for batch in batches:
            work(batch)
    round()
    return tokens / clock.time(round, most=most, least=1)


def training(clock, arguments):
    found, left_out = {}, []
    most = 0.05 if arguments.rehearse else 1.5
    for name, kind, has_texts, size, padding, modes in TRAINING:
        found[name] = {}
        for mode in modes[-1:] if arguments.rehearse else modes:
            if clock.left() < 4:
                left_out.append(f"{name}, {mode}")
                continue
            torch.manual_seed(arguments.seed)
            encoder = encoder_of(kind, arguments)
            batches, tokens = batches_of(encoder, has_texts, 2 if arguments.rehearse else size, padding, arguments)
            step = step_of(mode, encoder, padding is not None, clock.device)
            try:
                found[name][mode] = rate(clock, lambda batch: step.queue(*batch), batches, tokens, most)
            except Exception as failure:  # One that fails, as compilers may, leaves the others their turn.
                left_out.append(f"{name}, {mode}: {type(failure).__name__}: {str(failure)[:200]}")
            del step, encoder, batches
    return {name: rates for name, rates in found.items() if rates}, left_out


def inference(clock, arguments):
    name, size = INFERENCE
    encoder = encoder_of("base", arguments).to(clock.device).eval()
    batches, tokens = batches_of(encoder, True, 2 if arguments.rehearse else size, None, arguments)

    def forward(batch):
        with torch.inference_mode(), torch.autocast(clock.device.type, dtype=torch.bfloat16):
            return encoder(**batch[0]).last_hidden_state[:, 0]
    return {name: {"bf16": rate(clock, forward, batches, tokens, 2)}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--part", action="append", choices=["ceilings", "training", "inference"], required=True)
    parser.add_argument("--model", required=True, help="a Hugging Face directory; its tokenizer is BERT-base's too")
    parser.add_argument("--data", required=True, help="sentence TAB label")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--seconds", type=float, default=110)
    parser.add_argument("--rehearse", action="store_true", help="tiny sizes")
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    clock = Clock(torch.device(arguments.device), arguments.seconds)
    found = {"versions": {"torch": torch.__version__, "transformers": transformers.__version__}}
    if "ceilings" in arguments.part:
        found["ceilings"] = ceilings(clock, arguments.rehearse)
    if "training" in arguments.part:
        found["training"], found["leftOut"] = training(clock, arguments)
    if "inference" in arguments.part:
        found["inference"] = inference(clock, arguments)
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
