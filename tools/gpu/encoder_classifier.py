"""Trains a base of packages/train/src/models/encoder-classifier.ts with new heads, as an inspector."""
import torch
from common import main
from layers import linear, text_encoder
from losses import binary_heads, mean_auroc


def logits_of(w, model, inputs):
    mask = inputs['attention_mask']
    x = text_encoder(w, model, inputs['input_ids'], mask, 'encoder.embed_tokens.weight')
    present = mask[:, :, None].float()
    average = (x * present).sum(1) / present.sum(1).clamp(min=1)
    return linear(w, 'classifier', torch.tanh(linear(w, 'pooler.dense', torch.cat([x[:, 0], average], 1))))


def loss_of(w, model, inputs):
    return binary_heads(logits_of(w, model, inputs), inputs, pair=0.5)


if __name__ == '__main__':
    main('encoder-classifier', loss_of, mean_auroc(logits_of))
