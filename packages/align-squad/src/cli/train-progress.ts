import cliProgress from 'cli-progress';
import type { Writable } from 'node:stream';
import type { TrainEvent } from '@align-squad/train';

/** Shows how far a training is. */
export interface TrainProgress {
  show(event: TrainEvent): void;
  stop(): void;
}

/** Options of `createTrainProgress`. */
export interface TrainProgressOptions {
  readonly stderr: Writable;
  /** Draw a bar; without it a line is written now and then. */
  readonly isTerminal: boolean;
}

// Lines that a training without a terminal leaves, beside those of stages and evaluations.
const linesPerTraining = 20;
const clearLine = '\r\u001b[K';

/** A progress bar on a terminal, lines elsewhere. */
export function createTrainProgress({ stderr, isTerminal }: TrainProgressOptions): TrainProgress {
  const bar = new cliProgress.SingleBar({
    stream: stderr as NodeJS.WriteStream, // cli-progress only asks it for isTTY and write
    format: '{bar} {value}/{total} steps  loss {loss}  {speed} tokens/s  {left} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: false,
    gracefulExit: false,
  });
  let isDrawn = false;
  const stop = (): void => {
    if (isDrawn) bar.stop();
    isDrawn = false;
  };
  const line = (text: string): void => {
    stderr.write(`${isDrawn ? clearLine : ''}${text}\n`);
  };
  const showStep = (event: Extract<TrainEvent, { type: 'step-end' }>): void => {
    const { step, steps, loss } = event;
    const values = { loss: loss.toFixed(3), speed: Math.round(event.tokensPerSecond), left: formatSeconds(event.secondsLeft) };
    if (isDrawn) bar.update(step, values);
    else if (step === steps || step % Math.max(1, Math.ceil(steps / linesPerTraining)) === 0) {
      line(`  step ${step}/${steps}  loss ${values.loss}  ${values.speed} tokens/s  ${values.left} left`);
    }
  };
  const show = (event: TrainEvent): void => {
    switch (event.type) {
      case 'stage-start':
        return line(event.stage);
      case 'records':
        return line(`  ${formatRecords(event)}`);
      case 'train-start':
        if (event.resumedFromStep !== undefined) line(`  resumed from step ${event.resumedFromStep}`);
        line(`  ${event.parameters} parameters, ${event.steps} steps`);
        if (!isTerminal) return undefined;
        bar.start(event.steps, event.resumedFromStep ?? 0, { loss: '-', speed: '-', left: '-' });
        isDrawn = true;
        return undefined;
      case 'step-end':
        return showStep(event);
      case 'evaluation-end':
        return line(`  step ${event.step}: ${formatMetrics(event.metrics)}${event.isBest ? '  (best)' : ''}`);
      case 'train-end':
        stop();
        return line(`  ${event.reason} after step ${event.step}, ${formatSeconds(event.seconds)}`);
      case 'stage-end':
      case 'checkpoint-end':
      case 'pack-end':
        return undefined;
      default:
        return event satisfies never;
    }
  };
  return { show, stop };
}

/** Seconds for people. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function formatRecords({ training, held, skipped, cut, lines }: Extract<TrainEvent, { type: 'records' }>): string {
  const counts = [`${training} records to train on`, `${held} held out`, ...(skipped === 0 ? [] : [`${skipped} left out`]), ...(cut === 0 ? [] : [`${cut} cut`])];
  return `${counts.join(', ')}${lines.length === 0 ? '' : ` (line ${lines.join(', ')}${skipped + cut > lines.length ? ' and others' : ''})`}`;
}

/** Metrics on one line. */
export function formatMetrics(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toFixed(4))}`).join('  ');
}
