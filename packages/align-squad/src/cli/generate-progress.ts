import cliProgress from 'cli-progress';
import type { Writable } from 'node:stream';
import type { DatagenEvent } from '@align-squad/datagen';
import { formatSeconds } from './train-progress.js';
import { visible } from './visible.js';

/** Shows how far a generation is. */
export interface GenerateProgress {
  show(event: DatagenEvent): void;
  stop(): void;
}

/** Options of `createGenerateProgress`. */
export interface GenerateProgressOptions {
  readonly stderr: Writable;
  /** Draw a bar; without it a line is written now and then. */
  readonly isTerminal: boolean;
  /** What costs are counted in. @default 'USD' */
  readonly currency?: string | undefined;
  /** Milliseconds of a clock. @default performance.now */
  readonly now?: (() => number) | undefined;
}

type Progress = Extract<DatagenEvent, { type: 'progress' }>;

// Without a terminal, progress of a stage is told this often.
const msBetweenLines = 10_000;
const msBetweenDraws = 100;

/** A progress bar a stage on a terminal, lines elsewhere. */
export function createGenerateProgress({ stderr, isTerminal, currency = 'USD', now = () => performance.now() }: GenerateProgressOptions): GenerateProgress {
  const bar = new cliProgress.SingleBar({
    stream: stderr as NodeJS.WriteStream, // cli-progress only asks it for isTTY and write
    format: '{stage} {bar} {value}/{total}  {rejected} unusable  {speed} requests/s  {tokens} tokens  {cost}{left} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: false,
    gracefulExit: false,
  });
  let stage = '';
  let started = 0;
  let told = 0;
  let isDrawn = false;
  // Of the stages that have ended.
  let spent = 0;
  const costOf = ({ cost }: Progress): string | undefined => (cost === undefined ? undefined : formatMoney(spent + cost, currency));
  const stop = (): void => {
    if (isDrawn) bar.stop();
    isDrawn = false;
  };
  const showProgress = (event: Progress): void => {
    const time = now();
    if (event.stage !== stage) {
      stop();
      stage = event.stage;
      [started, told] = [time, isTerminal ? -Infinity : time];
    }
    if (time - told < (isTerminal ? msBetweenDraws : msBetweenLines)) return;
    told = time;
    const cost = costOf(event);
    const values = { ...valuesOf(event, (time - started) / 1000), cost: cost === undefined ? '' : `${cost}  ` };
    if (!isTerminal) stderr.write(`  ${stage}: ${doneOf(event)} of ${event.requests} requests, ${values.rejected} unusable, ${values.speed} requests/s${cost === undefined ? '' : `, ${cost}`}\n`);
    else if (isDrawn) {
      bar.setTotal(event.requests);
      bar.update(doneOf(event), values);
    } else {
      bar.start(event.requests, doneOf(event), values);
      isDrawn = true;
    }
  };
  const show = (event: DatagenEvent): void => {
    if (event.type === 'progress') return showProgress(event);
    stop();
    if (event.type === 'run-start' && event.answers > 0) stderr.write(`going on: ${event.answers} answers are there\n`);
    if (event.type === 'run-start' && event.damagedAnswers > 0) stderr.write(`${event.damagedAnswers} damaged ${event.damagedAnswers === 1 ? 'answer is' : 'answers are'} asked again\n`);
    if (event.type !== 'stage-end') return;
    const cost = costOf({ ...event, type: 'progress' });
    spent += event.cost ?? 0;
    const unusable = event.rejected + event.failed;
    stderr.write(`${event.stage}: ${event.requests} requests${event.resumed === 0 ? '' : ` (${event.resumed} answered before)`}, ${unusable} unusable, ${event.inputTokens + event.outputTokens} tokens${cost === undefined ? '' : `, ${cost} so far`}\n`);
  };
  return { show, stop };
}

/** Money for people, to a hundredth of a cent. */
export function formatMoney(amount: number, currency: string): string {
  return `${amount.toFixed(4)} ${visible(currency)}`;
}

function doneOf({ answered, failed, unanswered }: Progress): number {
  return answered + failed + unanswered;
}

function valuesOf(event: Progress, seconds: number): Record<'stage' | 'rejected' | 'speed' | 'tokens' | 'left', string> {
  const asked = doneOf(event) - event.resumed;
  const speed = seconds > 0 ? asked / seconds : 0;
  return {
    stage: event.stage,
    rejected: String(event.rejected + event.failed),
    speed: speed.toFixed(1),
    tokens: String(event.inputTokens + event.outputTokens),
    left: speed > 0 ? formatSeconds((event.requests - doneOf(event)) / speed) : '-',
  };
}
