import { criterionIds, type DisposableSquad } from '@align-squad/embedded';
import type { CliIo } from './io.js';
import type { CliOptions } from './options.js';

/** Runs `work` with a squad of the pack that the options name, and disposes of it; an unknown criterion is said before any work. */
export async function withSquad<T>(options: CliOptions, io: CliIo, work: (squad: DisposableSquad) => Promise<T>): Promise<T> {
  const squad = await io.createSquad(options.pack === undefined ? {} : { pack: options.pack });
  try {
    io.signal.throwIfAborted();
    criterionIds(options.criteria, squad.criteria);
    const thresholds = Object.keys(options.align.thresholds ?? {});
    if (thresholds.length > 0) criterionIds(thresholds, squad.criteria);
    return await work(squad);
  } finally {
    await squad.dispose();
  }
}
