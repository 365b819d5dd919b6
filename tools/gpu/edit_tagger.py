"""Trains the edit tagger of packages/train/src/models/edit-tagger.ts."""
from common import main
from layers import linear, text_encoder
from losses import cross_entropy, mean_loss


def loss_of(w, model, inputs):
    x = text_encoder(w, model, inputs['input_ids'], inputs['attention_mask'], 'encoder.embed_tokens.weight')
    return cross_entropy(linear(w, 'classifier', x), inputs)


if __name__ == '__main__':
    main('edit-tagger', loss_of, mean_loss(loss_of))
