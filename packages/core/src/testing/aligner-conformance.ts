import type { Aligner, AlignerOptions, AlignRequest } from '../aligner.js';
import type { Exchange } from '../exchange.js';
import {
  check,
  checkAborts,
  checkNoListeners,
  checkRejectsWithCode,
  conformanceCase,
  fail,
  oddTexts,
  type ConformanceCase,
  type Subjects,
} from './conformance.js';

/** Options of `alignerConformance`. */
export interface AlignerConformanceOptions extends Subjects<Aligner> {
  /** Ordinary requests; the aligner must have a rewrite for at least one of them. */
  readonly requests: readonly AlignRequest[];
}

type Body = (aligner: Aligner) => Promise<void>;

/** What every aligner must do, as cases to loop over: `for (const { name, run } of alignerConformance(...)) test(name, run)`. */
export function alignerConformance(options: AlignerConformanceOptions): ConformanceCase[] {
  const { requests } = options;
  const cases: Readonly<Record<string, Body>> = {
    'describes itself': describesItself,
    'ends with exactly one `end`, and gives no text with `none`': async (aligner) => {
      for (const request of requests) await rewrite(aligner, request);
    },
    'rewrites at least one of the ordinary requests': async (aligner) => {
      await firstRewritten(aligner, requests);
    },
    'gives `none` for a candidate beyond those that it has': async (aligner) => {
      const candidate = aligner.abilities.maxCandidates;
      for (const request of requests) {
        const text = await rewrite(aligner, { ...request, candidate });
        check(text === undefined, `Candidate ${candidate} of ${candidate}: expected \`none\`.`);
      }
    },
    'gives the same rewrite of the same request': (aligner) => checkDeterministic(aligner, requests),
    'throws on an unknown criterion': (aligner) =>
      checkRejectsWithCode(
        () => drain(aligner, { exchange: { response: 'A short answer.' }, criterion: 'no-such-criterion' }),
        'unknown-criterion',
      ),
    ...oddTextCases(),
    'throws the reason of a signal that is aborted before': async (aligner) => {
      const request = await firstRewritten(aligner, requests);
      await checkAborts((signal) => drain(aligner, request, { signal }), 'before');
    },
    'throws the reason of a signal that is aborted before the first event': async (aligner) => {
      const request = await firstRewritten(aligner, requests);
      await checkAborts((signal) => drain(aligner, request, { signal }), 'during');
    },
    'throws the reason of a signal that is aborted after the first text': async (aligner) =>
      checkAbortAfterText(aligner, await firstRewritten(aligner, requests)),
    'lets its reader stop early, and leaves no listener on the signal': async (aligner) => {
      const { signal } = new AbortController();
      const request = await firstRewritten(aligner, requests);
      for await (const _ of aligner.align(request, { signal })) break;
      checkNoListeners(signal);
      await drain(aligner, request, { signal });
      checkNoListeners(signal);
    },
  };
  return Object.entries(cases).map(([name, body]) => conformanceCase(options, name, body));
}

function oddTextCases(): Record<string, Body> {
  const entries = Object.entries(oddTexts).map(([name, text]): [string, Body] => [
    `takes ${name} as response, prompt and context`,
    async (aligner) => {
      const exchanges: Exchange[] = [
        { response: text },
        { prompt: text, context: text, response: text },
        { prompt: text, context: text, response: 'A short answer.' },
      ];
      for (const criterion of aligner.criteria) {
        for (const exchange of exchanges) await rewrite(aligner, { exchange, criterion });
      }
    },
  ]);
  return Object.fromEntries(entries);
}

async function describesItself(aligner: Aligner): Promise<void> {
  check(aligner.contract === 'aligner/1', 'Expected `contract` to be `aligner/1`.');
  check(aligner.version.length > 0, 'Expected `version` to be a name.');
  check(aligner.criteria.length > 0, 'Expected `criteria` to list at least one.');
  check(new Set(aligner.criteria).size === aligner.criteria.length, 'Expected `criteria` to list each one once.');
  const { maxCandidates } = aligner.abilities;
  check(Number.isInteger(maxCandidates) && maxCandidates >= 1, 'Expected `maxCandidates` to be a whole number from 1.');
}

async function drain(aligner: Aligner, request: AlignRequest, options: AlignerOptions = {}): Promise<void> {
  for await (const _ of aligner.align(request, options));
}

/** The rewrite, or undefined when there is none; checks the stream's shape on the way. */
async function rewrite(aligner: Aligner, request: AlignRequest): Promise<string | undefined> {
  let text = '';
  let texts = 0;
  let outcome: string | undefined;
  for await (const event of aligner.align(request)) {
    check(outcome === undefined, 'Expected nothing after `end`.');
    if (event.type === 'end') {
      outcome = event.outcome;
    } else {
      check(typeof event.text === 'string', 'Expected `text` to be a string.');
      text += event.text;
      texts += 1;
    }
  }
  check(outcome === 'rewritten' || outcome === 'none', 'Expected the stream to end with `end`, `rewritten` or `none`.');
  check(outcome === 'rewritten' || texts === 0, 'Expected no text with `none`.');
  return outcome === 'rewritten' ? text : undefined;
}

async function firstRewritten(aligner: Aligner, requests: readonly AlignRequest[]): Promise<AlignRequest> {
  for (const request of requests) {
    if ((await rewrite(aligner, request)) !== undefined) return request;
  }
  return fail('Expected a rewrite of at least one request.');
}

async function checkDeterministic(aligner: Aligner, requests: readonly AlignRequest[]): Promise<void> {
  if (!aligner.abilities.deterministic) return;
  for (const [index, request] of requests.entries()) {
    const [first, second] = [await rewrite(aligner, request), await rewrite(aligner, request)];
    check(first === second, `Request ${index}: two runs gave different rewrites.`);
  }
}

async function checkAbortAfterText(aligner: Aligner, request: AlignRequest): Promise<void> {
  const controller = new AbortController();
  const reason: unknown = { aborted: 'by a conformance case' };
  let thrown: unknown;
  try {
    for await (const _ of aligner.align(request, { signal: controller.signal })) controller.abort(reason);
  } catch (error) {
    thrown = error;
  }
  check(thrown === reason, "Aborted after the first text, it did not throw the signal's reason.");
  checkNoListeners(controller.signal);
}
