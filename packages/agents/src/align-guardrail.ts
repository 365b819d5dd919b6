import type { GuardrailFunctionOutput, OutputGuardrailFunction } from '@openai/agents';
import { AlignSquadError, type Criterion } from '@align-squad/core';
import { bindSquad, type AdapterOptions } from '@align-squad/embedded';
import { reportResult } from '@align-squad/squad';
import { checkText, readText, type TextOf } from './text-of.js';

type OutputGuardrailArgs = Omit<Parameters<OutputGuardrailFunction>[0], 'agentOutput'> & { readonly agentOutput: unknown };

/** An `OutputGuardrail` of the SDK for agents of any output. */
export interface AlignGuardrail {
  readonly name: string;
  readonly execute: (args: OutputGuardrailArgs) => Promise<GuardrailFunctionOutput>;
}

/** Options of `createAlignGuardrail`; those of the squad are as in `alignSquad`. */
export interface AlignGuardrailOptions extends Pick<AdapterOptions, 'squad' | 'onResult' | 'thresholds' | 'deadlineMs' | 'failOpen'> {
  /** What the tripwire's error calls it. @default 'align-squad' */
  readonly name?: string | undefined;
  /** What the output answers, or a function of what the guardrail is given, which has no input of the run. @default none */
  readonly prompt?: TextOf<OutputGuardrailArgs> | undefined;
  /** Text that the output must be grounded in, or such a function. @default none */
  readonly context?: TextOf<OutputGuardrailArgs> | undefined;
}

/**
 * An output guardrail that trips when the final output does not pass inspection, or could not be inspected; it rewrites
 * nothing. `outputInfo` is the report, without text. In a streamed run the text is out by then: use `alignModel` there.
 * @throws AlignSquadError `invalid-options`. A call that rejects ends the run with the SDK's `GuardrailExecutionError`.
 */
export function createAlignGuardrail(criteria?: readonly (string | Criterion)[], options: AlignGuardrailOptions = {}): AlignGuardrail {
  const { name = 'align-squad', prompt, context, squad: given, onResult, thresholds, deadlineMs, failOpen, ...unknown } = options;
  if (typeof name !== 'string' || Object.keys(unknown).length > 0) {
    throw new AlignSquadError('Expected `name` to be a string and no options but those of a guardrail.', { code: 'invalid-options' });
  }
  checkText('prompt', prompt);
  checkText('context', context);
  // without attempts a squad only inspects
  const squad = bindSquad(criteria, { squad: given, onResult, thresholds, deadlineMs, failOpen, maxAttempts: 0, onUnfixed: 'keep' });
  return {
    name,
    execute: async (args) => {
      const { agentOutput } = args;
      const response = typeof agentOutput === 'string' ? agentOutput : JSON.stringify(agentOutput);
      const result = await squad.align({ prompt: readText(prompt, args), context: readText(context, args), response }, {});
      return { tripwireTriggered: result.outcome !== 'clean', outputInfo: reportResult(result) };
    },
  };
}
