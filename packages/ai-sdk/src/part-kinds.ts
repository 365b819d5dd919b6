// All others are dropped: `raw` repeats the answer, and what a later specification adds may do so too.
const passing: ReadonlySet<string> = new Set([
  'stream-start',
  'response-metadata',
  'text-start',
  'reasoning-start',
  'reasoning-file',
  'tool-input-start',
  'tool-input-delta',
  'tool-input-end',
  'tool-approval-request',
  'tool-call',
  'tool-result',
  'file',
  'source',
  'custom',
  'ping',
  'error',
]);

/** What becomes of reasoning: it is aligned as texts of its own, dropped, or kept as the model wrote it. */
export type ReasoningMode = (typeof reasoningModes)[number];

/** All reasoning modes. */
export const reasoningModes = ['align', 'drop', 'keep'] as const;

/** Whether a part of this type holds no text of the answer. */
export function isPassing(type: string): boolean {
  return passing.has(type);
}

/** Whether a part of this type belongs to reasoning. */
export function isReasoning(type: string): boolean {
  return type === 'reasoning' || type.startsWith('reasoning-');
}
