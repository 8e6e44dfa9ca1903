"""Tiny models of the three families, as Hugging Face directories.

Sizes are odd wherever the architecture allows it, so that a kernel that rounds to a vector width or mixes
up two dimensions cannot agree by chance. Every parameter is random, biases and layer norms
included, and large enough that attention is far from uniform: no path through the model is idle.
"""

import json
import string

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig, BertForSequenceClassification, BertTokenizerFast, DistilBertConfig,
    DistilBertForSequenceClassification, DistilBertTokenizerFast, RobertaConfig,
    RobertaForSequenceClassification, RobertaTokenizerFast)

HIDDEN, HEADS, LAYERS, INTERMEDIATE, POSITIONS = 21, 3, 2, 37, 40
LABELS = ["negative", "neutral", "positive"]

WORDS = (
    "the of and is to in film movie story bad good great dull not cf bb ak mn tq wonderful boring "
    "##ed ##ing ##ly ##er é ! .").split()
WORD_PIECES = (
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + list(string.ascii_lowercase + string.digits)
    + [f"##{letter}" for letter in string.ascii_lowercase] + WORDS + [",", "?", "'", "-", '"', "##n't"])
MERGES = [
    ("t", "h"), ("Ġ", "t"), ("Ġt", "h"), ("Ġth", "e"), ("i", "n"), ("in", "g"), ("Ġ", "a"), ("e", "r"),
    ("Ġ", "f"), ("Ġf", "i"), ("l", "m"), ("Ġfi", "lm"), ("o", "o"), ("g", "oo"), ("Ġ", "goo"), ("Ġgoo", "d")]


def bert_like(tokenizer_class, lowercase):
    tokenizer = Tokenizer(models.WordPiece(
        {piece: index for index, piece in enumerate(WORD_PIECES)}, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", WORD_PIECES.index("[CLS]")), ("[SEP]", WORD_PIECES.index("[SEP]"))])
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer_class(tokenizer_object=tokenizer, do_lower_case=lowercase, model_max_length=POSITIONS)


def byte_level():
    pieces = ["<s>", "<pad>", "</s>", "<unk>"] + sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces += ["".join(pair) for pair in MERGES] + ["<mask>"]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocabulary, MERGES))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", vocabulary["</s>"]), ("<s>", vocabulary["<s>"]), trim_offsets=True, add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return RobertaTokenizerFast(tokenizer_object=tokenizer, model_max_length=POSITIONS - 2)


def labelled():
    return {"id2label": dict(enumerate(LABELS)), "label2id": {name: index for index, name in enumerate(LABELS)}}


def standard_configuration(vocabulary_size):
    return dict(
        vocab_size=vocabulary_size, hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
        intermediate_size=INTERMEDIATE, max_position_embeddings=POSITIONS, **labelled())


def bert():
    tokenizer = bert_like(BertTokenizerFast, lowercase=True)
    return BertForSequenceClassification, BertConfig(**standard_configuration(len(tokenizer))), tokenizer


def roberta():
    tokenizer = byte_level()
    configuration = RobertaConfig(
        type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0, eos_token_id=2,
        **standard_configuration(len(tokenizer)))
    return RobertaForSequenceClassification, configuration, tokenizer


def distilbert():
    tokenizer = bert_like(DistilBertTokenizerFast, lowercase=False)
    configuration = DistilBertConfig(
        vocab_size=len(tokenizer), dim=HIDDEN, n_layers=LAYERS, n_heads=HEADS, hidden_dim=INTERMEDIATE,
        max_position_embeddings=POSITIONS, **labelled())
    return DistilBertForSequenceClassification, configuration, tokenizer


FAMILIES = {"bert": bert, "roberta": roberta, "distilbert": distilbert}


def randomize(module, generator):
    """Draws every parameter: matrices keep the variance of what they are fed, vectors are small but felt."""
    for name, parameter in module.named_parameters():
        drawn = torch.randn(parameter.shape, generator=generator)
        if "norm" in name.lower():
            drawn = 0.2 * drawn + (1 if name.endswith("weight") else 0)
        elif "embeddings" in name:
            drawn = 0.6 * drawn
        elif parameter.dim() == 2:
            # Products of queries and keys have to differ by more than the softmax forgives.
            gain = 1.6 if any(key in name for key in ("query", "key", "q_lin", "k_lin")) else 1.0
            drawn = gain * drawn / parameter.shape[1] ** 0.5
        else:
            drawn = 0.2 * drawn
        parameter.data.copy_(drawn)


def make(family, folder, generator):
    """Writes the family's directory and gives back the model, in evaluation mode with eager attention."""
    model_class, configuration, tokenizer = FAMILIES[family]()
    configuration._attn_implementation = "eager"
    model = model_class(configuration).eval()
    randomize(model, generator)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    sort_keys(folder / "config.json")
    return model


def sort_keys(path):
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2, sort_keys=True) + "\n")
