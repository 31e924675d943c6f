import { beforeAll, describe, expect, it } from 'vitest';
import type { CompiledCatalog } from '../../shared/domain/compiled-catalog.ts';
import { DAY_MS, formatInstant, HOUR_MS, SECOND_MS } from '../../shared/kernel/time.ts';
import { Calm, catalogOf, type Plant } from './checker/calm.ts';
import { checkEvents, checkLedger } from './checker/check-events.ts';
import { checkMessages } from './checker/check-messages.ts';
import { checkPolicy } from './checker/check-policy.ts';
import { checkStops } from './checker/check-stops.ts';
import { checkStuck } from './checker/check-stuck.ts';
import { type Finding, Replay } from './checker/replay.ts';
import { type Library, library } from './documents.ts';
import { deedsOf, type WireEvent } from './population.ts';
import { settingsOf } from './settings.ts';

const FROM = Date.parse('2026-11-02T07:00:00Z');
const until = FROM + 40 * DAY_MS;
/** Those without endpoints, and with a birthday's sweep left to the cloud. */
const ids = ['cart-abandonment', 'welcome', 'win-back', 'browse-abandonment', 'onboarding'];

let documents: Library;
let events: WireEvent[];
let catalog: CompiledCatalog;
beforeAll(async () => {
  documents = await library();
  catalog = catalogOf(documents, ids);
  const populations = new Map([...documents.populations].filter(([id]) => ids.includes(id)));
  const crowd = { seed: 5, customers: 20, pages: 2, from: FROM, days: 12, slotMs: 3 * HOUR_MS };
  events = deedsOf({ ...documents, populations }, crowd).flatMap((deed) => (deed.do === 'event' ? [deed.event] : []));
});

interface World {
  readonly calm: Calm;
  readonly replay: Replay;
}

function worldOf(plant: Plant = {}): World {
  const calm = new Calm(catalog, plant);
  calm.live(events, until);
  const replay = new Replay({ recordsOf: calm.recordsOf, catalogAt: () => catalog });
  replay.take(calm.commits);
  return { calm, replay };
}

/** As `torture` puts them together. */
function check({ calm, replay }: World): string[] {
  const accepted = events.map((event) => ({ event, times: 1 }));
  const findings: Finding[] = [
    ...replay.findings,
    ...checkEvents(accepted, replay),
    ...checkLedger(accepted, documents.ledger, replay, catalog, until),
    ...checkMessages(replay, calm.rows, calm.captured),
    ...checkStuck(replay, calm.certificates, [], until),
    ...checkPolicy(replay, calm.rows, calm.captured, settingsOf(documents)),
  ];
  return [...new Set(findings.map(({ rule }) => rule))].sort();
}

const first = (event: string) => events.find((one) => one.event === event)!.messageId;

describe('the checkers of the torture run', () => {
  it('find nothing where nothing has gone wrong', () => {
    const world = worldOf();
    expect(check(world)).toEqual([]);
    expect(world.calm.commits.length).toBeGreaterThan(events.length / 2);
    expect(world.calm.rows.length).toBeGreaterThan(20);
  });

  it('G1: find one event that was lost', () => {
    expect(check(worldOf({ lost: first('Product Added') }))).toEqual(['G1 lost', 'ledger']);
  });

  it('G2: find one event that was counted twice', () => {
    expect(check(worldOf({ doubled: first('Product Viewed') }))).toEqual(['G2 doubled', 'ledger']);
  });

  it('G3: find one message that was handed over twice, one that nobody has, and one that nobody decided', () => {
    const { calm, replay } = worldOf();
    const [doubled, lost] = calm.captured;
    calm.captured.push(doubled!);
    calm.captured.splice(calm.captured.indexOf(lost!), 1);
    calm.captured.push({ messageId: 'x'.repeat(22), at: doubled!.at });
    expect(check({ calm, replay })).toEqual(['G3 from nowhere', 'G3 handed over twice', 'G3 sent, and nobody has it']);
  });

  it('G7: find a message without an end, and one that was sent although it is on record as not sent', () => {
    const { calm, replay } = worldOf();
    const row = calm.rows[1]!;
    calm.rows.splice(0, 2, { ...row, st: 'failed', why: 'failed.exhausted' });
    expect(check({ calm, replay })).toEqual(['G7 message without an end', 'G7 not sent, and somebody has it']);
  });

  it('G6: find one customer whose timers were lost', () => {
    expect(check(worldOf({ timersLost: true }))).toEqual(['stuck']);
  });

  it('G1: find what is half done', () => {
    const { calm, replay } = worldOf();
    const last = calm.commits.findLast(({ key }) => key === calm.commits[0]!.key)!;
    calm.certificates.delete(`${last.key} ${last.pending!.last}`);
    expect(check({ calm, replay })).toEqual(['stuck']);
  });

  it('G4, G5: find another state, an effect too many, a gap and a second writer', () => {
    const tampered = (change: (calm: Calm) => void) => {
      const { calm } = worldOf();
      change(calm);
      const replay = new Replay({ recordsOf: calm.recordsOf, catalogAt: () => catalog });
      replay.take(calm.commits);
      return [...new Set(replay.findings.map(({ rule }) => rule))];
    };
    const { commits: all } = worldOf().calm;
    const at = all.findIndex(({ key }, index) => all.slice(index + 1).some((other) => other.key === key));
    const change = (more: object) => (calm: Calm) => {
      calm.commits[at] = { ...calm.commits[at]!, ...more };
    };
    expect(tampered(change({ doc: '{"createdAt":1}' }))).toContain('G5 other state');
    expect(tampered(({ commits }) => commits.splice(at, 1))).toContain('G4 versions');
    expect(tampered(({ commits }) => commits.splice(at, 0, commits[at]!))).toContain('G4 versions');
    const withMessage = ({ commits }: Calm) => {
      const { pending } = commits.find((one) => one.pending!.eff.some(({ e }) => e === 'message'))!;
      (pending!.eff as unknown[]).push(pending!.eff.find(({ e }) => e === 'message')!);
    };
    expect(tampered(withMessage)).toContain('G5 other effects');
    const backAndForth = ({ commits }: Calm) => {
      for (const one of commits) Object.assign(one, { epoch: 2 - (one.version % 2) });
    };
    expect(tampered(backAndForth)).toContain('G8 older catalog');
  });

  it('G10: find a message in the quiet hours', () => {
    const { calm, replay } = worldOf();
    const midnight = Math.ceil(Date.parse(calm.captured[0]!.at) / DAY_MS) * DAY_MS;
    for (const one of calm.captured) one.at = formatInstant(midnight);
    expect(check({ calm, replay })).toEqual(['G10 quiet']);
  });

  it('G9: find what goes out of a journey half a minute after its switch was thrown, and nothing else', () => {
    const at = (seconds: number, journey = 'welcome') => ({
      messageId: `${journey} ${seconds}`,
      at: formatInstant(FROM + seconds * SECOND_MS),
      tags: { godwit_journey: journey },
    });
    const captured = [at(-1), at(20), at(34), at(35), at(60, 'trial'), at(3_599), at(3_600)];
    const stops = [{ journey: 'welcome', from: FROM, to: FROM + HOUR_MS }];
    expect(checkStops(stops, captured).map(({ who }) => who)).toEqual(['welcome 35', 'welcome 3599']);
  });
});
