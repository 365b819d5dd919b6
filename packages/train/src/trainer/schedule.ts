/** Settings of `cosineSchedule`. */
export interface ScheduleOptions {
  readonly peak: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
  /** Learning rate at the end, as a share of the peak. @default 0.05 */
  readonly floor?: number | undefined;
}

/** Learning rate of step `step` (from 1): linear warm-up, then half a cosine. */
export function cosineSchedule(step: number, options: ScheduleOptions): number {
  const { peak, warmupSteps, totalSteps, floor = 0.05 } = options;
  if (step <= warmupSteps) return (peak * step) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
