import { expect, test } from 'vitest';
import { parseInspectorManifest } from './manifest.js';

const head = { criterion: 'ethical', needsContext: false, threshold: 0.5, calibration: { scale: 1, bias: 0 }, acrossStretches: 'max' };
const limits = { maxTokens: 256, promptTokens: 64, contextTokens: 120 };
const valid = { model: 'onnx/model.onnx', tokenizer: 'tokenizer.json', limits, heads: [head] };

test('a valid section comes back as it is', () => {
  expect(parseInspectorManifest(valid)).toEqual(valid);
});

test.each([
  { tokens: { pad: '<pad>', start: '<s>', separator: '</s>' } },
  { tokens: { pad: '[PAD]', start: '[CLS]', separator: '[SEP]', sentence: '[unused1]', mask: '[MASK]' }, features: 'encoder/last_hidden_state' },
])('a section with %j comes back as it is', (more) => {
  expect(parseInspectorManifest({ ...valid, ...more })).toEqual({ ...valid, ...more });
});

test.each<[string, unknown, string]>([
  ['tokens without a separator', { ...valid, tokens: { pad: '<pad>', start: '<s>' } }, 'tokens.separator'],
  ['a token of an unknown role', { ...valid, tokens: { pad: 'a', start: 'b', separator: 'c', secretText: 'd' } }, 'tokens'],
  ['a token without a name', { ...valid, tokens: { pad: '', start: 'b', separator: 'c' } }, 'tokens.pad'],
  ['features that are no name', { ...valid, features: 3 }, 'features'],

  ['no section', undefined, 'value'],
  ['an unknown key', { ...valid, secretText: 1 }, 'unknown key'],
  ['an unknown key in a head', { ...valid, heads: [{ ...head, secretText: 1 }] }, 'heads.0'],
  ['no tokenizer', { ...valid, tokenizer: undefined }, 'tokenizer'],
  ['a threshold above 1', { ...valid, heads: [{ ...head, threshold: 1.1 }] }, 'heads.0.threshold'],
  ['a threshold below 0', { ...valid, heads: [{ ...head, threshold: -0.1 }] }, 'heads.0.threshold'],
  ['a threshold that is not a number', { ...valid, heads: [{ ...head, threshold: Number.NaN }] }, 'heads.0.threshold'],
  ['a calibration that turns scores around', { ...valid, heads: [{ ...head, calibration: { scale: -1, bias: 0 } }] }, 'heads.0.calibration.scale'],
  ['another pooling', { ...valid, heads: [{ ...head, acrossStretches: 'min' }] }, 'heads.0.acrossStretches'],
  ['no heads', { ...valid, heads: [] }, 'heads'],
  ['two heads of one criterion', { ...valid, heads: [head, head] }, 'heads'],
  ['no room for a response', { ...valid, limits: { ...limits, maxTokens: 200 } }, 'limits'],
  ['a window of half a token', { ...valid, limits: { ...limits, maxTokens: 256.5 } }, 'limits.maxTokens'],
])('%s is refused by name', (_name, section, field) => {
  const act = (): unknown => parseInspectorManifest(section);
  expect(act).toThrow(expect.objectContaining({ code: 'pack-invalid', message: expect.stringContaining(field) }));
  expect(act).not.toThrow(/secretText/);
});
