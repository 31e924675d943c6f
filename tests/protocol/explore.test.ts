import { describe, expect, it } from 'vitest';
import { explore, replay, shrink, story } from './explore.ts';
import { type Mutation, mutations } from './mutations.ts';

/**
 * The real code of evaluate, send, arm-timers, wake-cohort, wake-soon, settle-undelivered and sweep, with the real
 * decision core, under random schedules: crashes before and after every call, throttling, lost answers, calls done
 * twice or in part, Lambda time-outs, duplicates, redelivery, dead letters and redrives, clocks that differ, old
 * catalogs, late retries, merges in every direction. More schedules: GODWIT_SCHEDULES=100000.
 */
const schedules = Number(process.env['GODWIT_SCHEDULES'] ?? 2_000);
/** Of the mutations, the slowest to be noticed needs some thousands. */
const enough = 6_000;
const none: ReadonlySet<Mutation> = new Set();

describe('schedules of the actor protocol', () => {
  it(`G1-G4, G6-G8 and merges hold in ${schedules} of them`, { timeout: 60_000 + schedules * 50 }, async () => {
    const coverage = new Map<string, number>();
    for (let seed = 1; seed <= schedules; seed++) {
      const run = await explore(seed, none);
      for (const one of run.world.coverage) coverage.set(one, (coverage.get(one) ?? 0) + 1);
      if (run.violation === undefined) continue;
      const smallest = await shrink(run, none);
      expect.fail(`seed ${seed}: ${run.violation.law}: ${run.violation.detail}\n${await story(smallest, none)}`);
    }
    // A run that meets none of this proves nothing.
    for (const met of [
      'EffectsRepeated',
      'RecordsParked',
      'record dead-lettered',
      'redrive',
      'duplicate swallowed by SQS',
      'message sent',
      'message unknown',
      'message held',
      'message lost its run',
      'quiet claim',
      'delete of a message lost',
      'message dead-lettered',
      'device shared',
      'limit reached',
      'filled',
      'filled after a merge',
      'identity held by several',
      'identity merged',
      'erased',
      'recreated',
      'signpost wiped',
      'signpost let go',
      'wiped because asked',
      'merge with who was erased',
      'erasure taken up again',
      'letter forgotten',
      'reasons carried by a message',
    ]) {
      expect(coverage.get(met) ?? 0, met).toBeGreaterThan(0);
    }
  });

  it.each(mutations)('notice when $mutation', { timeout: 300_000 }, async ({ mutation, script, seed: first }) => {
    const off = new Set([mutation]);
    for (let seed: number = first; seed < first + enough; seed++) {
      const { violation } = await explore(seed, off, script);
      if (violation === undefined) continue;
      expect(violation.law).not.toBe('defect');
      return;
    }
    expect.fail(`nothing is broken in ${enough} schedules`);
  });

  it('are the same for the same seed, and shrink to less that breaks the same law', async () => {
    const off = new Set<Mutation>(['inert entries overwrite']);
    let seed = 1;
    while ((await explore(seed, off)).violation === undefined) seed++;
    const [one, two] = [await explore(seed, off), await explore(seed, off)];
    expect(await story(two, off)).toBe(await story(one, off));
    const small = await shrink(one, off, 200);
    expect(small.violation?.law).toBe(one.violation?.law);
    expect(small.choices.length).toBeLessThan(one.choices.length);
    expect((await replay(small.choices, none)).violation).toBeUndefined();
  });
});
