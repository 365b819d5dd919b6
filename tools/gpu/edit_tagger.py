"""Trains the edit tagger of packages/train/src/models/edit-tagger.ts."""
from common import main
from layers import linear, text_encoder
from losses import cross_entropy, exact_share


def logits_of(w, model, inputs):
    x = text_encoder(w, model, inputs['input_ids'], inputs['attention_mask'], 'encoder.embed_tokens.weight')
    return linear(w, 'classifier', x)


def loss_of(w, model, inputs):
    return cross_entropy(logits_of(w, model, inputs), inputs)


if __name__ == '__main__':
    main('edit-tagger', loss_of, exact_share(logits_of))
