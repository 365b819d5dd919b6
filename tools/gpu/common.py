"""Data, AdamW and the loop of `align-squad train`, in PyTorch; each script of this folder calls `main`."""
import argparse
import json
import math
import os
import struct
import subprocess
import sys
import zlib

import numpy
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = {'int64': numpy.int32, 'float32': numpy.float32}  # ids are written in 32 bits
PLANES = {'values': None, 'firstMoments': 'exp_avg', 'secondMoments': 'exp_avg_sq'}


def read_tensors(path):
    """A safetensors file of float32: its tensors by name, and its texts."""
    with open(path, 'rb') as file:
        header = json.loads(file.read(struct.unpack('<Q', file.read(8))[0]))
        data = file.read()
    texts = header.pop('__metadata__', {})
    slices = {name: (entry['shape'], *entry['data_offsets']) for name, entry in header.items()}
    return {name: torch.from_numpy(numpy.frombuffer(data[start:end], numpy.float32).reshape(shape).copy()) for name, (shape, start, end) in slices.items()}, texts


def write_tensors(path, tensors, texts):
    header, end = {'__metadata__': texts}, 0
    for name, tensor in tensors.items():
        header[name] = {'dtype': 'F32', 'shape': list(tensor.shape), 'data_offsets': [end, end + 4 * tensor.numel()]}
        end += 4 * tensor.numel()
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path + '.part', 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.detach().cpu().contiguous().numpy().tobytes())
    os.replace(path + '.part', path)


def read_batches(path, epoch, device):
    """The batches of an epoch, one at a time: tokens, weight and inputs; epoch 0 is held out."""
    with open(path, 'rb') as file:
        while line := file.readline():
            head = json.loads(line)
            if head['epoch'] != epoch:
                file.seek(head['bytes'], 1)
                continue
            data, at, inputs = zlib.decompress(file.read(head['bytes'])), 0, {}
            for name, kind, dims in head['inputs']:
                values = numpy.frombuffer(data, TYPES[kind], math.prod(dims), at).reshape(dims)
                at += values.nbytes
                inputs[name] = torch.from_numpy(values.astype(kind)).to(device)
            yield head['tokens'], head['weight'], inputs


def count_batches(path, epoch):
    count = 0
    with open(path, 'rb') as file:
        while line := file.readline():
            head = json.loads(line)
            count += head['epoch'] == epoch
            file.seek(head['bytes'], 1)
    return count


def learning_rate(plan, step):
    """Linear warm-up, then half a cosine down to a twentieth."""
    warmup = math.floor(plan['warmupShare'] * plan['steps'] + 0.5)
    if step <= warmup:
        return plan['peak'] * step / warmup
    progress = min(1, (step - warmup) / max(1, plan['steps'] - warmup))
    return plan['peak'] * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress)))


class Training:
    """Weights, optimiser and position; its checkpoint is the one of `align-squad train`, which goes on with it."""

    def __init__(self, folder, plan, device):
        self.plan, self.path, self.device = plan, os.path.join(folder, plan['checkpoint']), device
        start, _ = read_tensors(os.path.join(folder, 'gpu', 'start.safetensors'))
        self.weights = {name: tensor.to(device).requires_grad_() for name, tensor in start.items()}
        split = lambda wide: [w for w in self.weights.values() if (w.dim() > 1) == wide]
        groups = [{'params': split(True), 'weight_decay': plan['weightDecay']}, {'params': split(False), 'weight_decay': 0.0}]
        self.adamw = torch.optim.AdamW([group for group in groups if group['params']], lr=0.0, betas=(0.9, 0.98), eps=1e-8)
        self.position, self.best = {'step': 0, 'epoch': 1, 'updates': 0, 'stale': 0}, None
        if os.path.exists(self.path):
            self.restore()

    def restore(self):
        tensors, texts = read_tensors(self.path)
        if texts.get('fingerprint') != self.plan['fingerprint']:
            sys.exit('The checkpoint is of another configuration or other data.')
        self.position = json.loads(texts['position'])
        plane = lambda of, name: tensors[f'{of}/{name}'].reshape(self.weights[name].shape).to(self.device)
        for name, weight in self.weights.items():
            weight.data.copy_(plane('values', name))
            moments = {key: plane(of, name) for of, key in PLANES.items() if key}
            self.adamw.state[weight] = {'step': torch.tensor(float(self.position['step'])), **moments}
        if any(name.startswith('best/') for name in tensors):
            self.best = {name: plane('best', name) for name in self.weights}

    def save(self):
        tensors = {f'values/{name}': weight for name, weight in self.weights.items()}
        for of, key in PLANES.items():
            if key:
                tensors.update({f'{of}/{name}': self.adamw.state[weight][key] for name, weight in self.weights.items()})
        tensors.update({f'best/{name}': tensor for name, tensor in (self.best or {}).items()})
        texts = {'fingerprint': self.plan['fingerprint'], 'position': json.dumps(self.position)}
        write_tensors(self.path, {name: tensor.detach().reshape(-1) for name, tensor in tensors.items()}, texts)

    def update(self, group, loss_of):
        """One update with the weighted mean of some batches' gradients: their loss, and the norm before clipping."""
        total, loss = sum(weight for _, weight, _ in group), 0.0
        self.adamw.zero_grad(set_to_none=True)
        for _, weight, inputs in group:
            part = loss_of(self.weights, self.plan['model'], inputs) * (weight / total)
            part.backward()
            loss += part.item()
        unused = [name for name, weight in self.weights.items() if weight.grad is None]
        if unused:
            sys.exit(f'This script knows no weight {unused[0]}: the base is of another kind. Use `align-squad train`.')
        norm = torch.sqrt(sum(weight.grad.double().square().sum() for weight in self.weights.values())).item()
        if not math.isfinite(loss) or not math.isfinite(norm):
            sys.exit(f"Loss or gradient of step {self.position['step'] + 1} is not finite; lower the learning rate or look at its data.")
        for parameters in self.adamw.param_groups:
            parameters['lr'] = learning_rate(self.plan, self.position['step'] + 1)
            for weight in parameters['params']:
                weight.grad.mul_(min(1.0, 1.0 / max(norm, 1e-12)))
        self.adamw.step()
        return loss, norm

    def look(self, score):
        best = self.position.get('bestScore')
        if best is None or score > best:
            self.best = {name: weight.detach().clone() for name, weight in self.weights.items()}
            self.position.update(bestScore=score, bestStep=self.position['step'], stale=0)
        else:
            self.position['stale'] += 1


def emit(**event):
    print(json.dumps(event), flush=True)


def train(folder, plan, loss_of, score_of, device):
    path, run = os.path.join(folder, 'gpu', 'batches.bin'), Training(folder, plan, device)
    held = lambda: read_batches(path, 0, device)
    emit(type='train-start', steps=plan['steps'], parameters=plan['parameters'], device=device, resumedFromStep=run.position['step'])
    size, every, epochs = plan['accumulation'], plan['evaluateEverySteps'], plan['epochs']
    for epoch in range(run.position['epoch'], epochs + 1):
        updates = -(-count_batches(path, epoch) // size)
        done = run.position['updates'] if run.position['epoch'] == epoch else 0
        batches = read_batches(path, epoch, device)
        for update in range(updates):
            group = [batch for _, batch in zip(range(size), batches)]
            if update < done:
                continue
            loss, norm = run.update(group, loss_of)
            step = run.position['step'] + 1
            run.position.update(step=step, epoch=epoch, updates=update + 1)
            emit(type='step-end', step=step, epoch=epoch, loss=loss, learningRate=learning_rate(plan, step), gradientNorm=norm)
            is_last = update == updates - 1
            if (is_last if every == 0 else step % every == 0 or (is_last and epoch == epochs)):
                with torch.no_grad():
                    run.look(score_of(run.weights, plan['model'], held))
                emit(type='evaluation-end', step=step, bestScore=run.position['bestScore'], stale=run.position['stale'])
            if 0 < plan['patience'] <= run.position['stale']:
                run.position.update(epoch=epochs, updates=-(-count_batches(path, epochs) // size))
                return run.save()
            if step % plan['checkpointEverySteps'] == 0:
                run.save()
    run.save()


def check_first_loss(folder, plan, loss_of, device):
    """Our graph and this script must agree, or the weights would be of no use in it."""
    weights, _ = read_tensors(os.path.join(folder, 'gpu', 'start.safetensors'))
    _, _, inputs = next(read_batches(os.path.join(folder, 'gpu', 'batches.bin'), 1, device))
    try:
        with torch.no_grad():
            loss = loss_of({name: tensor.to(device) for name, tensor in weights.items()}, plan['model'], inputs).item()
    except KeyError as error:
        sys.exit(f'The start has no weight or size {error}: the base is of another kind. Use `align-squad train`.')
    emit(type='check', loss=loss, expected=plan['firstLoss'])
    if not abs(loss - plan['firstLoss']) <= 1e-3 * abs(plan['firstLoss']):
        sys.exit(f"The loss of the first batch is {loss}, but {plan['firstLoss']} in our graph: the base is of another kind. Use `align-squad train`.")


def node(script, config):
    command = [os.environ.get('NODE', 'node'), '--conditions=@align-squad/source', '--import', 'tsx', os.path.join(HERE, script)]
    done = subprocess.run([*command, '--config', os.path.abspath(config)], cwd=HERE, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return done.stdout


def main(kind, loss_of, score_of):
    """`--config FILE`: from dataset to pack. `--work FOLDER`: trains what prepare.ts wrote there, without Node."""
    parser = argparse.ArgumentParser()
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument('--config')
    source.add_argument('--work')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    options = parser.parse_args()
    folder = options.work or json.loads(node('prepare.ts', options.config))['work']
    with open(os.path.join(folder, 'gpu', 'plan.json'), encoding='utf8') as file:
        plan = json.load(file)
    if plan['kind'] != kind:
        sys.exit(f"This configuration is of the kind {plan['kind']}, not {kind}: use the script of that name.")
    torch.set_num_threads(plan['threads'])
    check_first_loss(folder, plan, loss_of, options.device)
    train(folder, plan, loss_of, score_of, options.device)
    if options.config:
        print(node('finish.ts', options.config), end='')
