/** The part of transformers.js's global settings that its log depends on. */
export interface LogEnvironment {
  logLevel: number;
}

// Above all levels.
const none = 50;

let depth = 0;
let levelBefore = none;

/**
 * Runs `work` while transformers.js logs nothing: it writes the inputs of a failing model, which are a user's text, to the
 * console. The level is global; it is put back when the last of several that run side by side is done.
 */
export async function quietly<T>(environment: LogEnvironment, work: () => Promise<T>): Promise<T> {
  if (depth++ === 0) {
    levelBefore = environment.logLevel;
    environment.logLevel = none;
  }
  try {
    return await work();
  } finally {
    if (--depth === 0) environment.logLevel = levelBefore;
  }
}
