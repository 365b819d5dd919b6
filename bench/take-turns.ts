import { setTimeout } from 'node:timers/promises';

/** What a turn took. */
export interface TurnTimes {
  readonly wallMs: number;
  /** CPU time of all threads. */
  readonly cpuMs: number;
}

/** The child's side of `runInTurn`: says that it is ready, and after each message runs `turn` and sends its times with what `describe` makes of it. */
export function takeTurns<T>(turn: () => Promise<T>, describe: (result: T, times: TurnTimes) => object): void {
  const run = async (): Promise<void> => {
    await setTimeout(50);
    const cpu = process.cpuUsage();
    const startedMs = performance.now();
    const result = await turn();
    const wallMs = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpu);
    process.send?.(describe(result, { wallMs, cpuMs: (user + system) / 1000 }));
  };
  process.on('message', () => void run());
  process.send?.('ready');
}
