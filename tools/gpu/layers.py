"""The parts of packages/train/src/models, over weights by name; matrices are [from, to]."""
import math

import torch
from torch.nn import functional


def rms_norm(w, name, x):
    return x / torch.sqrt(x.square().mean(-1, keepdim=True) + 1e-6) * w[name]


def linear(w, name, x):
    return x @ w[f'{name}.weight'] + w[f'{name}.bias']


def rotary_factors(positions, size, theta):
    """Cosines and signed sines of positions [batch, sequence]; they carry the scale of the attention."""
    half = size // 2
    place = torch.arange(half, device=positions.device, dtype=torch.float32)
    frequency = torch.exp(place * (-math.log(theta) / half))
    angle = positions.float()[:, None, :, None] * torch.cat([-frequency, frequency])
    return torch.cos(angle) * size ** -0.25, torch.sin(angle) * size ** -0.25


def rotate(x, rotary):
    first, second = x.chunk(2, dim=3)
    return x * rotary[0] + torch.cat([second, first], dim=3) * rotary[1]


def heads_of(x, matrix, size):
    """[batch, sequence, width] to [batch, heads, sequence, size]."""
    product = x @ matrix
    return product.reshape(*product.shape[:2], -1, size).transpose(1, 2)


def attend(query, key, value, bias):
    """Softmax attention; a key head serves several query heads in a row."""
    groups = query.shape[1] // key.shape[1]
    key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    mixed = torch.softmax(query @ key.transpose(2, 3) + bias, -1) @ value
    return mixed.transpose(1, 2).flatten(2)


def bias_of(visible):
    return torch.where(visible, 0.0, -1e4)


def causal(length, device):
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()


def head_size(w, name, model):
    return w[f'{name}.self_attn.q_proj.weight'].shape[1] // (model.get('num_heads') or model['num_attention_heads'])


def block(w, name, x, size, rotary, bias, between=lambda x: x):
    normal = rms_norm(w, f'{name}.input_layernorm.weight', x)
    query, key, value = (heads_of(normal, w[f'{name}.self_attn.{part}_proj.weight'], size) for part in 'qkv')
    mixed = attend(rotate(query, rotary), rotate(key, rotary), value, bias)
    x = between(x + mixed @ w[f'{name}.self_attn.o_proj.weight'])
    inner = rms_norm(w, f'{name}.post_attention_layernorm.weight', x)
    gate = functional.silu(inner @ w[f'{name}.mlp.gate_proj.weight']) * (inner @ w[f'{name}.mlp.up_proj.weight'])
    return x + gate @ w[f'{name}.mlp.down_proj.weight']


def text_encoder(w, model, ids, mask, embedding):
    size = head_size(w, 'encoder.layers.0', model)
    rotary = rotary_factors(mask.cumsum(1), size, model.get('rope_theta', 10_000))
    bias = bias_of(mask.bool()[:, None, None, :])
    x = functional.embedding(ids, w[embedding])
    for layer in range(model.get('num_layers') or model['num_hidden_layers']):
        x = block(w, f'encoder.layers.{layer}', x, size, rotary, bias)
    return rms_norm(w, 'encoder.norm.weight', x)
