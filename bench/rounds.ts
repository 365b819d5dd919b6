/** Rounds of a bench: what the environment's BENCH_ROUNDS says, for a quick look, or what its figures are measured with. */
export function roundsOr(usual: number): number {
  return Number(process.env['BENCH_ROUNDS'] ?? usual);
}
