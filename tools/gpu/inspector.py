"""Trains the encoder half of an inspector from random weights: packages/train/src/models/inspector-encoder.ts."""
import torch
from common import main
from layers import linear
from losses import binary_heads, mean_auroc
from torch.nn import functional


def layer_norm(w, name, x):
    return functional.layer_norm(x, x.shape[-1:], w[f'{name}.weight'], w[f'{name}.bias'])


def features_of(model, ids, mask):
    """Segments, which tokens are of each, equal text tokens, and matches in other segments; see exchange-features.ts."""
    special = model['special']
    closed = (ids == special['separator']).long()
    segments = (closed.cumsum(1) - closed).clamp(max=2)
    inside = [(segments == index).float() * mask for index in range(3)]
    is_text = (ids >= special['firstText']).float() * mask
    same = (ids[:, :, None] == ids[:, None, :]).float() * is_text[:, None, :]
    left = same * functional.pad(same[:, :-1, :-1], (1, 0, 1, 0))
    right = same * functional.pad(same[:, 1:, 1:], (0, 1, 0, 1))
    columns = [(pairs * part[:, None, :]).amax(2) * (1 - part) for part in inside for pairs in (same, left, right)]
    return segments, inside, same, torch.stack(columns, 2)


def layer(w, name, x, heads, same, visible):
    size = x.shape[2] // heads
    joined = linear(w, f'{name}.qkv', layer_norm(w, f'{name}.attention_norm', x))
    query, key, value = joined.reshape(*x.shape[:2], 3 * heads, size).transpose(1, 2).split(heads, 1)
    scores = query @ key.transpose(2, 3) / size ** 0.5 + same[:, None] * w[f'{name}.copy_bias'] + visible
    mixed = (torch.softmax(scores, -1) @ value).transpose(1, 2).flatten(2)
    x = x + linear(w, f'{name}.attention_out', mixed)
    inner = functional.gelu(linear(w, f'{name}.up', layer_norm(w, f'{name}.ff_norm', x)))
    return x + linear(w, f'{name}.down', inner)


def outputs_of(w, model, inputs):
    ids, mask = inputs['input_ids'], inputs['attention_mask']
    segments, inside, same, matches = features_of(model, ids, mask.float())
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    x = functional.embedding(ids, w['embeddings.word']) + functional.embedding(positions, w['embeddings.position'])
    x = layer_norm(w, 'embeddings.norm', x + functional.embedding(segments, w['embeddings.segment']) + matches @ w['embeddings.match'])
    visible = (mask.float()[:, None, None, :] - 1) * 1e4
    for index in range(model['layers']):
        x = layer(w, f'layers.{index}', x, model['heads'], same, visible)
    x = layer_norm(w, 'final_norm', x)
    response = inside[2][:, :, None]
    average = (x * response).sum(1) / response.sum(1).clamp(min=1)
    pooled = torch.tanh(linear(w, 'pooler', torch.cat([x[:, 0], average], 1)))
    return linear(w, 'head', pooled), linear(w, 'sentence_head', x)


def loss_of(w, model, inputs):
    logits, sentence_logits = outputs_of(w, model, inputs)
    return binary_heads(logits, inputs, model['pair'], sentence_logits, model['sentence'])


if __name__ == '__main__':
    main('inspector', loss_of, mean_auroc(lambda w, model, inputs: outputs_of(w, model, inputs)[0]))
