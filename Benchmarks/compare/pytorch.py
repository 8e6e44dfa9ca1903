#!/usr/bin/env python3
"""Times full training steps in PyTorch (forward, backward, clipping, AdamW) and prints them as JSON.

The step is what the Trainer of transformers does: its default attention, fused AdamW, dropout on. In bf16 the forward
pass runs under autocast; weights, moments and the optimizer are fp32. The classifier is the paper's, dropout and one
linear layer on the last [CLS]. Tokens are real ones: padding costs time and counts for nothing.
"""

import argparse
import itertools
import json
import random
import resource
import statistics
import time

import torch
import transformers

MAXIMUM_LENGTH = 128
LEARNING_RATE, WEIGHT_DECAY, LARGEST_NORM, DROPOUT = 2e-5, 0.01, 1.0, 0.1


class Step:
    def __init__(self, encoder, device, precision="fp32"):
        self.device, self.precision = device, precision
        self.encoder = encoder.to(device).train()
        self.head = torch.nn.Linear(encoder.config.hidden_size, 2).to(device)
        self.loss = self.eager_loss
        self.parameters = [*encoder.parameters(), *self.head.parameters()]
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)

    def eager_loss(self, inputs, labels):
        hidden = self.encoder(**inputs).last_hidden_state[:, 0]
        logits = self.head(torch.nn.functional.dropout(hidden, DROPOUT))
        return torch.nn.functional.cross_entropy(logits, labels)

    def queue(self, inputs, labels):
        """A step over a batch that lies on the device; does not wait for it."""
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.precision.startswith("bf16")):
            loss = self.loss(inputs, labels)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, LARGEST_NORM)
        self.optimizer.step()


def padded(batch, length):
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, (tokens, _) in enumerate(batch):
        ids[row, :len(tokens)] = torch.tensor(tokens)
        mask[row, :len(tokens)] = 1
    return {"input_ids": ids, "attention_mask": mask}, torch.tensor([label for _, label in batch])


def batches_of_texts(folder, data, size, seed):
    """Texts of like length together, the batches in a seeded order."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    with open(data, encoding="utf-8", newline="\n") as file:
        rows = [line.rsplit("\t", 1) for line in file.read().split("\n")[1:] if line.strip()]
    texts = [text.strip() for text, _ in rows]
    ids = tokenizer(texts, truncation=True, max_length=MAXIMUM_LENGTH)["input_ids"]
    encoded = sorted(zip(ids, (int(label) for _, label in rows)), key=lambda row: len(row[0]))
    batches = [encoded[start:start + size] for start in range(0, len(encoded) - size + 1, size)]
    random.Random(seed).shuffle(batches)
    return batches


def batches_of_random_ids(configuration, size, seed):
    drawn = random.Random(seed)
    while True:
        yield [
            ([drawn.randrange(1000, configuration.vocab_size) for _ in range(MAXIMUM_LENGTH)], row % 2)
            for row in range(size)]


def timed(step, batches, padding, steps, seconds):
    """Tokens/s, seconds and text lengths of each step; stops early when one more would overrun the time."""
    rates, durations, lengths = [], [], []
    begin = time.perf_counter()
    # Few batches are gone through again and again.
    for number, batch in enumerate(batches if hasattr(batches, "send") else itertools.cycle(batches)):
        length = padding or max(len(tokens) for tokens, _ in batch)
        if number == 0:
            # Warm up on two texts, enough to make the optimizer's state without spending a whole step.
            step.queue(*padded(batch[:2], length))
        start = time.perf_counter()
        step.queue(*padded(batch, length))
        durations.append(time.perf_counter() - start)
        lengths += [len(tokens) for tokens, _ in batch]
        rates.append(sum(lengths[-len(batch):]) / durations[-1])
        if len(durations) == steps or time.perf_counter() - begin + durations[-1] > seconds:
            break
    return rates, durations, lengths


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", help="a Hugging Face directory; without it, BERT-base with random weights")
    parser.add_argument("--data", help="sentence TAB label; without it, random ids of full length")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--pad-to", type=int, help="without it, to the longest text of the batch")
    parser.add_argument("--steps", type=int, default=20, help="at most so many")
    parser.add_argument("--seconds", type=float, default=30, help="at most about so long, but one step at least")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()

    transformers.logging.set_verbosity_error()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    if arguments.model:
        encoder = transformers.AutoModel.from_pretrained(arguments.model, add_pooling_layer=False).float()
    else:
        encoder = transformers.BertModel(transformers.BertConfig(), add_pooling_layer=False)
    if arguments.data:
        batches = batches_of_texts(arguments.model, arguments.data, arguments.batch, arguments.seed)
    else:
        batches = batches_of_random_ids(encoder.config, arguments.batch, arguments.seed)
    step = Step(encoder, torch.device("cpu"), arguments.precision)
    rates, durations, lengths = timed(step, batches, arguments.pad_to, arguments.steps, arguments.seconds)
    print(json.dumps({
        "tokensPerSecond": {"median": statistics.median(rates), "steps": rates},
        "stepSeconds": durations,
        # The length of the text that the average token is in: what attention costs a token.
        "tokensAround": sum(length * length for length in lengths) / sum(lengths),
        "peakMemoryBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
    }))


if __name__ == "__main__":
    main()
