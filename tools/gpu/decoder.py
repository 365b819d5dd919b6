"""Trains the decoder of packages/train/src/models/llama-decoder.ts."""
from common import main
from layers import bias_of, block, causal, head_size, rms_norm, rotary_factors
from losses import cross_entropy, mean_loss
from torch.nn import functional


def logits_of(w, model, inputs):
    ids, mask = inputs['input_ids'], inputs['attention_mask']
    size = head_size(w, 'model.layers.0', model)
    rotary = rotary_factors(inputs['position_ids'], size, model['rope_theta'])
    bias = bias_of(causal(ids.shape[1], ids.device) & mask.bool()[:, None, None, :])
    x = functional.embedding(ids, w['model.embed_tokens.weight'])
    for layer in range(model['num_hidden_layers']):
        x = block(w, f'model.layers.{layer}', x, size, rotary, bias)
    return rms_norm(w, 'model.norm.weight', x) @ w['model.embed_tokens.weight'].T


def loss_of(w, model, inputs):
    return cross_entropy(logits_of(w, model, inputs), inputs)


if __name__ == '__main__':
    main('decoder', loss_of, mean_loss(logits_of))
