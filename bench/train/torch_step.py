"""One training step of the models of step.ts in PyTorch, on one thread; prints JSON. usage: torch_step.py encoder|decoder STEPS"""
import json
import math
import resource
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

KIND, STEPS = sys.argv[1], int(sys.argv[2])
BATCH, LENGTH, VOCABULARY, INNER, LABELS = 16, 128, 8192, 1024, 2
LAYERS, WIDTH = (4, 256) if KIND == "encoder" else (6, 384)
SIZE = 64
HEADS = WIDTH // SIZE
KEY_HEADS = HEADS if KIND == "encoder" else HEADS // 2
torch.set_num_threads(1)
torch.manual_seed(1)


class RmsNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


def linear(source, target):
    return nn.Linear(source, target, bias=False)


def rotate(x, cosine, sine):
    first, second = x.chunk(2, -1)
    return x * cosine + torch.cat((-second, first), -1) * sine


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.inner_norm = RmsNorm(), RmsNorm()
        self.q, self.k, self.v = linear(WIDTH, WIDTH), linear(WIDTH, KEY_HEADS * SIZE), linear(WIDTH, KEY_HEADS * SIZE)
        self.out = linear(WIDTH, WIDTH)
        self.gate, self.up, self.down = linear(WIDTH, INNER), linear(WIDTH, INNER), linear(INNER, WIDTH)

    def forward(self, x, bias, cosine, sine):
        h = self.norm(x)
        heads = lambda y, count: y.view(BATCH, LENGTH, count, SIZE).transpose(1, 2)
        q = rotate(heads(self.q(h), HEADS), cosine, sine)
        k = rotate(heads(self.k(h), KEY_HEADS), cosine, sine).repeat_interleave(HEADS // KEY_HEADS, 1)
        v = heads(self.v(h), KEY_HEADS).repeat_interleave(HEADS // KEY_HEADS, 1)
        scores = (q @ k.transpose(-1, -2)) * SIZE**-0.5 + bias
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(BATCH, LENGTH, WIDTH)
        x = x + self.out(mixed)
        h = self.inner_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = RmsNorm()
        self.pooler, self.classifier = nn.Linear(2 * WIDTH, WIDTH), nn.Linear(WIDTH, LABELS)
        angles = torch.outer(torch.arange(LENGTH).float(), torch.exp(-math.log(10000) * torch.arange(0, SIZE, 2) / SIZE))
        self.cosine, self.sine = torch.cat((angles, angles), -1).cos(), torch.cat((angles, angles), -1).sin()

    def forward(self, ids, mask, labels):
        x = self.embedding(ids)
        bias = (mask - 1)[:, None, None, :] * 1e4
        if KIND == "decoder":
            bias = bias + torch.full((LENGTH, LENGTH), -1e4).triu(1)
        for block in self.blocks:
            x = block(x, bias, self.cosine, self.sine)
        x = self.norm(x)
        if KIND == "decoder":
            return F.cross_entropy((x @ self.embedding.weight.T).view(-1, VOCABULARY), labels.view(-1))
        mean = (x * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        pooled = torch.tanh(self.pooler(torch.cat((x[:, 0], mean), -1)))
        return F.binary_cross_entropy_with_logits(self.classifier(pooled), labels)


model = Model()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
times = []
for _ in range(STEPS):
    ids = torch.randint(8, VOCABULARY, (BATCH, LENGTH))
    labels = torch.roll(ids, -1, 1) if KIND == "decoder" else torch.randint(0, 2, (BATCH, LABELS)).float()
    start = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    loss = model(ids, torch.ones(BATCH, LENGTH), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    times.append(time.perf_counter() - start)
seconds = statistics.median(times[2:])
print(json.dumps({
    "engine": f"PyTorch {torch.__version__}",
    "parameters": sum(p.numel() for p in model.parameters()),
    "tokensPerSecond": BATCH * LENGTH / seconds,
    "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}))
