import type { Next, Step } from './journey.ts';

/** Where a run ends. */
export const END = 'end';

/** One way out of a step. */
export interface Port {
  /** Unique within the step, and stable: counters and journal name it. */
  readonly port: string;
  readonly next: Next;
  /** Where it is written, as JSON pointer within the step. A message's port that it does not name points to its `next`. */
  readonly pointer: string;
}

/** Every way out of a step, in the order they are written. The only place that knows where a step can lead. */
export function nextOf(step: Step): readonly Port[] {
  switch (step.type) {
    case 'message':
      return [
        { port: 'next', next: step.next, pointer: '/next' },
        {
          port: 'skipped',
          next: step.skipped ?? step.next,
          pointer: step.skipped === undefined ? '/next' : '/skipped',
        },
        { port: 'failed', next: step.failed ?? step.next, pointer: step.failed === undefined ? '/next' : '/failed' },
      ];
    case 'wait':
    case 'update':
    case 'emit':
    case 'enroll':
      return [{ port: 'next', next: step.next, pointer: '/next' }];
    case 'wait-for':
      return [
        ...step.any.map(({ next }, i) => ({ port: `any-${i}`, next, pointer: `/any/${i}/next` })),
        { port: 'timeout', next: step.timeout, pointer: '/timeout' },
      ];
    case 'branch':
      return [
        ...step.cases.map(({ next }, i) => ({ port: `case-${i}`, next, pointer: `/cases/${i}/next` })),
        { port: 'else', next: step.else, pointer: '/else' },
      ];
    case 'split':
      return step.arms.map(({ id, next }, i) => ({ port: `arm-${id}`, next, pointer: `/arms/${i}/next` }));
    case 'webhook':
      return [
        { port: 'next', next: step.next, pointer: '/next' },
        { port: 'failed', next: step.failed, pointer: '/failed' },
      ];
    case 'task':
      return [
        ...Object.entries(step.outcomes).map(([id, next]) => ({
          port: `outcome-${id}`,
          next,
          pointer: `/outcomes/${id}`,
        })),
        { port: 'timeout', next: step.timeout, pointer: '/timeout' },
      ];
    case 'exit':
      return [];
  }
}
