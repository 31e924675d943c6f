import { expect, it } from 'vitest';
import { DueQueue } from '../../shared/simulation/due-queue.ts';
import fc from '../property.ts';

it('gives back what is due by time, then rank, then in the order it came, whatever came between', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ at: fc.integer({ min: 0, max: 9 }), rank: fc.integer({ min: 0, max: 2 }) }),
      fc.record({ limit: fc.integer({ min: 0, max: 9 }) }),
    ),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const queue = new DueQueue<number>();
      let model: { at: number; rank: number; serial: number }[] = [];
      for (const [serial, step] of all.entries()) {
        if ('at' in step) {
          queue.put(step.at, step.rank, serial);
          model.push({ ...step, serial });
          continue;
        }
        const [first] = model
          .filter(({ at }) => at <= step.limit)
          .sort((a, b) => a.at - b.at || a.rank - b.rank || a.serial - b.serial);
        const taken = queue.take(step.limit);
        expect(taken && { at: taken.at, what: taken.what }).toEqual(first && { at: first.at, what: first.serial });
        model = model.filter((one) => one !== first);
      }
      expect(queue.size).toBe(model.length);
    }),
  );
});
