"""Trains the encoder-decoder of packages/train/src/models/encoder-decoder.ts."""
import torch
from common import main
from layers import attend, bias_of, block, causal, head_size, heads_of, rms_norm, rotary_factors, rotate, text_encoder
from losses import cross_entropy, mean_loss
from torch.nn import functional


def logits_of(w, model, inputs):
    mask, ids = inputs['attention_mask'], inputs['decoder_input_ids']
    source = text_encoder(w, model, inputs['input_ids'], mask, 'shared.weight')
    size, theta = head_size(w, 'decoder.layers.0', model), model['rope_theta']
    rotary = rotary_factors(torch.arange(ids.shape[1], device=ids.device)[None], size, theta)
    source_rotary = rotary_factors(mask.cumsum(1), size, theta)
    source_bias = bias_of(mask.bool()[:, None, None, :])

    def cross_attention(name, x):
        normal = rms_norm(w, f'{name}.encoder_attn_layernorm.weight', x)
        project = lambda part, y: heads_of(y, w[f'{name}.encoder_attn.{part}_proj.weight'], size)
        query, key = rotate(project('q', normal), rotary), rotate(project('k', source), source_rotary)
        return x + attend(query, key, project('v', source), source_bias) @ w[f'{name}.encoder_attn.o_proj.weight']

    x = functional.embedding(ids, w['shared.weight'])
    for layer in range(model['num_decoder_layers']):
        name = f'decoder.layers.{layer}'
        x = block(w, name, x, size, rotary, bias_of(causal(ids.shape[1], ids.device)), lambda y: cross_attention(name, y))
    return rms_norm(w, 'decoder.norm.weight', x) @ w['shared.weight'].T


def loss_of(w, model, inputs):
    return cross_entropy(logits_of(w, model, inputs), inputs)


if __name__ == '__main__':
    main('encoder-decoder', loss_of, mean_loss(logits_of))
