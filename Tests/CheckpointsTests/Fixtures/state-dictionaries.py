"""Prints the parameter names and shapes that transformers 4.57.6 gives to tiny models."""

import transformers

sizes = dict(vocab_size=11, max_position_embeddings=9, pad_token_id=1)
bert = dict(
    hidden_size=6, num_hidden_layers=2, num_attention_heads=3, intermediate_size=5,
    type_vocab_size=2)
distil = dict(dim=6, n_layers=2, n_heads=3, hidden_dim=5)
configs = [
    transformers.BertConfig(**sizes, **bert),
    transformers.RobertaConfig(**sizes, **bert),
    transformers.DistilBertConfig(**sizes, **distil),
]
kinds = [
    transformers.AutoModel,
    transformers.AutoModelForSequenceClassification,
    transformers.AutoModelForMaskedLM,
]
for config in configs:
    config.num_labels = 3
    for kind in kinds:
        print("#", config.model_type, kind.__name__)
        for name, tensor in kind.from_config(config).state_dict().items():
            print(name, *tensor.shape)
