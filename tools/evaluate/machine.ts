import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';

/** Where numbers were measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
}

/** Describes this machine without naming it. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${arch()}`,
    node: process.version,
  };
}

/** One line for people. */
export function formatMachine(machine: Machine): string {
  const { cpu, cores, memoryGiB, node } = machine;
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${machine.platform}, Node ${node}`;
}
