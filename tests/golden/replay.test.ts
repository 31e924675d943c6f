import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differences, fromLines, type Recording } from './recording.ts';

const releases = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((one) => one.isDirectory());
const recordings = releases.flatMap(({ name: release }) =>
  readdirSync(join(import.meta.dirname, release)).map((file) => {
    const read = () => fromLines(readFileSync(join(import.meta.dirname, release, file), 'utf8'));
    return { release, file, read };
  }),
);

describe('G5: what earlier releases decided is decided the same today', () => {
  it.each(recordings)('$release $file', ({ read }) => {
    const recording = read();
    expect(recording.decisions.length).toBeGreaterThan(0);
    expect(differences(recording)).toEqual([]);
  });

  it('the recordings come to every step, and to most of what can happen', () => {
    for (const { name } of releases) {
      const own = recordings.filter(({ release }) => release === name).map(({ read }) => read());
      const documents = own.flatMap(({ catalog }) => catalog.journeys.map(({ document }) => document));
      const types = new Map(
        documents.flatMap(({ id, steps }) => Object.entries(steps).map(([step, { type }]) => [`${id} ${step}`, type])),
      );
      const seen = new Set<string>();
      for (const { decisions } of own) {
        for (const { record, effects, reasons } of decisions) {
          seen.add(`record ${record.t}`);
          for (const { e } of effects) seen.add(`effect ${e}`);
          for (const reason of reasons) {
            const [code, journey, , , step] = reason.split(' ');
            seen.add(code!);
            const type = types.get(`${journey} ${step}`);
            if (type !== undefined) seen.add(type);
          }
        }
      }
      const wanted = [
        ...['event', 'consent', 'receipt', 'outcome', 'wake', 'yield', 'absorb', 'strip', 'enroll', 'hold'].map(
          (t) => `record ${t}`,
        ),
        ...['mail', 'message', 'wake', 'suppress'].map((e) => `effect ${e}`),
        ...['message', 'wait', 'wait-for', 'branch', 'split', 'emit', 'enroll', 'webhook', 'task', 'exit'],
        ...[
          'entry.entered',
          'entry.holdout',
          'reentry.inside',
          'goal.reached',
          'exit.left',
          'cap.journey',
          'merge.absorbed',
          'segment.entered',
          'segment.left',
          'trait.set-aside',
        ],
      ];
      expect(
        wanted.filter((one) => !seen.has(one)),
        name,
      ).toEqual([]);
    }
  });

  it('sees another state, another effect and another reason, and reads on from what was recorded', () => {
    const { catalog, decisions } = recordings.find(({ file }) => file === 'shop.ndjson')!.read();
    const at = decisions.findIndex(({ effects }) => effects.some(({ e }) => e === 'wake'));
    const tampered = (part: Partial<Recording['decisions'][number]>): Recording => ({
      catalog,
      decisions: decisions.slice(0, at + 1).map((one, index) => (index === at ? { ...one, ...part } : one)),
    });
    expect(differences(tampered({}))).toEqual([]);
    expect(differences(tampered({ effects: [] }))).toEqual([expect.stringMatching(/other effects/)]);
    expect(differences(tampered({ reasons: ['entry.entered'] }))).toEqual([expect.stringMatching(/other reasons/)]);
    expect(differences(tampered({ set: { createdAt: 1 } }))).toEqual([expect.stringMatching(/other profile/)]);
    expect(differences(tampered({ at: decisions[at]!.at + 3_600_000 })).length).toBeGreaterThan(0);
  });
});
