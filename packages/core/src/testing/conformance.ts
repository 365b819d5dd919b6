import { getEventListeners } from 'node:events';
import { AlignSquadError } from '../errors.js';

/** One case of a conformance suite, for a test runner to loop over. */
export interface ConformanceCase {
  /** A sentence of behaviour. */
  readonly name: string;
  /** Rejects with `conformance` when the subject does not behave so. */
  run(): Promise<void>;
}

/** Where the subjects of a suite come from. */
export interface Subjects<Subject> {
  /** Gives the subject of one case; it may give the same one each time. */
  readonly create: () => Subject | Promise<Subject>;
  /** Called after each case, for subjects that own a session or worker. @default none */
  readonly dispose?: ((subject: Subject) => void | Promise<void>) | undefined;
}

/** Texts that users and models do send, by name: each must be handled, never crash. */
export const oddTexts: Readonly<Record<string, string>> = {
  empty: '',
  'white space': ' \t\r\n\u00a0 \n',
  NUL: 'one\u0000two\u0000',
  'a lone high surrogate': 'cut \ud83d',
  'a lone low surrogate': '\ude00 cut',
  'special tokens': '[SEP] [CLS] [PAD] [UNK] [MASK] </s> <s> <|endoftext|> <|im_start|>',
  emoji: '👩‍👩‍👧‍👦👍🏽',
  'a long word': 'a'.repeat(3000),
  'many sentences': 'It rained all day, so we stayed in and read. '.repeat(100),
};

/** Fails a conformance case; the message must hold no text of an exchange. */
export function fail(message: string, cause?: unknown): never {
  throw new AlignSquadError(message, { code: 'conformance', cause });
}

/** Fails a conformance case unless `condition` holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) fail(message);
}

/** A case over a fresh subject, whose every other error is wrapped as `conformance`. */
export function conformanceCase<Subject>(
  { create, dispose }: Subjects<Subject>,
  name: string,
  body: (subject: Subject) => Promise<void>,
): ConformanceCase {
  return {
    name,
    async run() {
      const subject = await create();
      try {
        await body(subject);
      } catch (error) {
        if (AlignSquadError.isInstance(error) && error.code === 'conformance') throw error;
        fail(`It failed where it should not: "${name}". The error is the cause.`, error);
      } finally {
        await dispose?.(subject);
      }
    },
  };
}

/** Checks that `action` rejects with an `AlignSquadError` of this code. */
export async function checkRejectsWithCode(action: () => Promise<unknown>, code: string): Promise<void> {
  const error = await rejectionOf(action);
  check(
    AlignSquadError.isInstance(error?.value) && error.value.code === code,
    error === undefined ? `Expected an error with code \`${code}\`, got none.` : `Expected an error with code \`${code}\`, got another.`,
  );
}

/** Checks that `action` rejects with the signal's very reason when it is aborted before, or in the turn after, it starts. */
export async function checkAborts(action: (signal: AbortSignal) => Promise<unknown>, when: 'before' | 'during'): Promise<void> {
  const controller = new AbortController();
  // Not an error of any kind, so that wrapping it shows.
  const reason: unknown = { aborted: 'by a conformance case' };
  if (when === 'before') controller.abort(reason);
  const error = await rejectionOf(() => {
    const running = action(controller.signal);
    controller.abort(reason);
    return running;
  });
  check(error !== undefined, `Aborted ${when} the call, it did not reject.`);
  check(error.value === reason, `Aborted ${when} the call, it rejected with something else than the signal's reason.`);
  checkNoListeners(controller.signal);
}

/** Checks that nothing still listens to a signal. */
export function checkNoListeners(signal: AbortSignal): void {
  check(getEventListeners(signal, 'abort').length === 0, 'It left a listener on the signal.');
}

async function rejectionOf(action: () => Promise<unknown>): Promise<{ readonly value: unknown } | undefined> {
  try {
    await action();
    return undefined;
  } catch (value) {
    return { value };
  }
}
