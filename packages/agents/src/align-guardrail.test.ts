import { AlignSquadError } from '@align-squad/core';
import { functionInspector } from '@align-squad/core/testing';
import { doubleSquad } from '@align-squad/embedded/testing';
import { createSquad } from '@align-squad/squad';
import { Agent, OutputGuardrailTripwireTriggered } from '@openai/agents';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createAlignGuardrail, type AlignGuardrailOptions } from './align-guardrail.js';
import { agentOf, runner, scriptedModel } from './test-support.js';

const squad = doubleSquad();

async function runGuarded(text: string, options: AlignGuardrailOptions = { squad }): Promise<unknown> {
  const agent = agentOf(scriptedModel(text)).clone({ outputGuardrails: [createAlignGuardrail(['ethical'], options)] });
  return runner.run(agent, 'How?').then(
    ({ finalOutput }) => finalOutput,
    (error: unknown) => error,
  );
}

test('an output that passes is given', async () => {
  expect(await runGuarded('Fine.')).toBe('Fine.');
});

test('an output that is flagged trips, though it could be mended; the report holds no text', async () => {
  const error = await runGuarded('A RUDE word.');
  if (!(error instanceof OutputGuardrailTripwireTriggered)) throw error;
  expect(error.result.guardrail).toEqual({ type: 'output', name: 'align-squad' });
  expect(error.result.output.outputInfo).toMatchObject({ outcome: 'unfixed', before: { ethical: { status: 'flag', misalignment: 0.9 } }, steps: [] });
  expect(JSON.stringify([error.message, error.result.output.outputInfo])).not.toContain('RUDE');
});

test('an output that could not be inspected trips', async () => {
  const error = await runGuarded('CRASH.');
  if (!(error instanceof OutputGuardrailTripwireTriggered)) throw error;
  expect(error.result.output.outputInfo).toMatchObject({ outcome: 'error', error: 'inspector-failed' });
});

test('a criterion that nobody knows ends the run', async () => {
  const agent = agentOf(scriptedModel('Fine.')).clone({ outputGuardrails: [createAlignGuardrail(['calm'], { squad })] });
  await expect(runner.run(agent, 'How?')).rejects.toThrow('Output guardrail failed to complete');
});

test('structured output is judged as JSON, with prompt, context and name as given', async () => {
  const seen: unknown[] = [];
  const inspector = functionInspector((exchange) => (seen.push(exchange), 0.9), { criteria: ['calm'] });
  const own = createSquad({ inspectors: [inspector], aligners: [] });
  const guardrail = createAlignGuardrail(['calm'], { squad: own, name: 'calm-output', prompt: 'How?', context: ({ agent }) => agent.name });
  const outputType = z.object({ word: z.string() });
  const agent = new Agent({ name: 'Help', model: scriptedModel('{"word":"RUDE"}'), outputType, outputGuardrails: [guardrail] });
  await expect(runner.run(agent, 'How?')).rejects.toBeInstanceOf(OutputGuardrailTripwireTriggered);
  expect(guardrail.name).toBe('calm-output');
  expect(seen).toEqual([{ prompt: 'How?', context: 'Help', response: '{"word":"RUDE"}' }]);
});

test('wrong options are rejected at once', () => {
  // cast, because the compiler rejects it too
  const options = { onUnfixed: 'keep' } as AlignGuardrailOptions;
  expect(() => createAlignGuardrail(['ethical'], options)).toThrow(AlignSquadError);
});
