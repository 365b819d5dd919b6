"""The losses of packages/train/src/losses, and the scores that choose the best weights; higher is better."""
import torch
from torch.nn import functional


def weighted_mean(values, weights):
    return (values * weights).sum() / weights.sum().clamp(min=1e-6)


def cross_entropy(logits, inputs):
    labels = inputs['labels'].clamp(min=0)[..., None]
    found = torch.log_softmax(logits, -1).gather(-1, labels)[..., 0]
    return -weighted_mean(found, inputs['label_weights'] * (inputs['labels'] >= 0))


def binary_heads(logits, inputs, pair, sentence_logits=None, sentence=0.0):
    score = lambda z, labels, weights: weighted_mean(functional.softplus(z) - inputs[labels] * z, inputs[weights])
    margin = logits[1::2] - logits[0::2]
    loss = score(logits, 'labels', 'label_weights') + pair * weighted_mean(functional.softplus(margin), inputs['pair_weights'])
    return loss if sentence_logits is None else loss + sentence * score(sentence_logits, 'sentence_labels', 'sentence_weights')


def mean_loss(logits_of):
    """Score of an aligner: the loss of held-out batches, by what they count."""
    def score(weights, model, held):
        losses = [(cross_entropy(logits_of(weights, model, inputs), inputs).item() * weight, weight) for _, weight, inputs in held()]
        return -sum(loss for loss, _ in losses) / max(1e-6, sum(weight for _, weight in losses))
    return score


def exact_share(logits_of):
    """Score of a tagger: the share of held-out records whose tags are all right, the loss between equals."""
    def score(weights, model, held):
        right, records = 0, 0
        for _, _, inputs in held():
            known = inputs['labels'] >= 0
            found = logits_of(weights, model, inputs).argmax(-1)
            is_record = known.any(-1)
            right += ((found == inputs['labels']) | ~known).all(-1)[is_record].sum().item()
            records += is_record.sum().item()
        return right / max(1, records) + mean_loss(logits_of)(weights, model, held) / 1000
    return score


def mean_auroc(logits_of):
    """Score of an inspector: the mean AUROC of its criteria on held-out responses."""
    def score(weights, model, held):
        rows = [(logits_of(weights, model, inputs), inputs['labels'], inputs['label_weights']) for _, _, inputs in held()]
        logits, labels, known = (torch.cat(part).double().cpu() for part in zip(*rows))
        found = [auroc(logits[known[:, head] > 0, head], labels[known[:, head] > 0, head] >= 0.5) for head in range(logits.shape[1])]
        found = [value for value in found if value is not None]
        return round(sum(found) / max(1, len(found)), 4)
    return score


def auroc(scores, labels):
    positive, negative = scores[labels].contiguous(), scores[~labels].sort().values
    if len(positive) == 0 or len(negative) == 0:
        return None
    below = torch.searchsorted(negative, positive) + torch.searchsorted(negative, positive, right=True)
    return below.double().mean().item() / 2 / len(negative)
