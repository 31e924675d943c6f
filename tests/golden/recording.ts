import type { CatalogSnapshot } from '../../shared/domain/catalog.ts';
import { compileCatalog } from '../../shared/domain/compiled-catalog.ts';
import { decide } from '../../shared/domain/decide.ts';
import type { Decision, Effect, Reason } from '../../shared/domain/decision.ts';
import type { MailRecord } from '../../shared/domain/mail-record.ts';
import type { Permit } from '../../shared/domain/permit.ts';
import type { Profile } from '../../shared/domain/profiles/profile.ts';
import { fromStored, toStored } from '../../shared/domain/profiles/stored-profile.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import type { ProfileKey } from '../../shared/kernel/ids.ts';

/**
 * A recording is what a release decided, one JSON document a line: first the catalog, then decision by decision.
 *
 * 1. Each decision is replayed from the state that was recorded before it, so one difference is one line.
 * 2. States are as they are stored, and are read as a store reads them: a later release meets what it would meet.
 * 3. Byte for byte the same must be: the state after it, and the effects. Of the reasons, which, in which order and
 *    about what; `saw` and `fix` are words for people and may become better.
 */
export interface Recording {
  readonly catalog: CatalogSnapshot;
  readonly decisions: readonly Recorded[];
}

interface Recorded {
  readonly key: ProfileKey;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly record: MailRecord;
  /** Of limits that customers share; absent: none was needed. */
  readonly permits?: readonly Permit[];
  /** Parts of the stored profile that became another, and those that are no longer there. */
  readonly set: Partial<Profile>;
  readonly gone: readonly string[];
  readonly effects: readonly Effect[];
  readonly reasons: readonly string[];
}

/** Records decision by decision what happens to some actors. */
export class Recorder {
  readonly #states = new Map<ProfileKey, Partial<Profile>>();
  readonly decisions: Recorded[] = [];

  decided({
    key,
    at,
    record,
    permits = [],
    decision,
  }: Pick<Recorded, 'key' | 'at' | 'record' | 'permits'> & { readonly decision: Decision }): void {
    const before = this.#states.get(key) ?? {};
    const after = plain(toStored(decision.profile));
    this.#states.set(key, after);
    const { effects, reasons } = decision;
    this.decisions.push({
      key,
      at,
      record: plain(record),
      ...(permits.length > 0 && { permits: plain(permits) }),
      ...difference(before, after),
      effects: plain(effects),
      reasons: reasons.map(place),
    });
  }
}

/** What today's release decides otherwise, in words; empty when it decides the same. */
export function differences({ catalog: snapshot, decisions }: Recording): string[] {
  const catalog = compileCatalog(snapshot);
  const states = new Map<ProfileKey, Partial<Profile>>();
  return decisions.flatMap(({ key, at, record, permits, set, gone, effects, reasons }, index) => {
    const before = states.get(key) ?? {};
    const after = changed(before, set, gone);
    states.set(key, after);
    const frozen = record.t === 'absorb' ? fromStored(states.get(record.from) ?? {}) : undefined;
    const decision = decide(fromStored(before), key, record, catalog, at, frozen, permits);
    const found: [string, unknown, unknown][] = [
      ['profile', after, toStored(decision.profile)],
      ['effects', effects, decision.effects],
      ['reasons', reasons, decision.reasons.map(place)],
    ];
    return found.flatMap(([what, recorded, now]) => {
      const [was, is] = [canonicalJson(recorded), canonicalJson(now)];
      return was === is ? [] : [`line ${index + 2}, ${record.t}: other ${what}\n  recorded ${was}\n  now      ${is}`];
    });
  });
}

export const toLines = ({ catalog, decisions }: Recording): string =>
  [catalog, ...decisions].map((one) => `${JSON.stringify(one)}\n`).join('');

export function fromLines(text: string): Recording {
  const [catalog, ...decisions] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return { catalog: catalog as CatalogSnapshot, decisions: decisions as Recorded[] };
}

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const place = ({ code, journey, version, run, step, message }: Reason): string =>
  [code, journey, version, run, step, message].filter((part) => part !== undefined).join(' ');

function difference(before: Partial<Profile>, after: Partial<Profile>): Pick<Recorded, 'set' | 'gone'> {
  const was = before as Readonly<Record<string, unknown>>;
  const set = Object.entries(after).filter(
    ([name, value]) => canonicalJson(value) !== canonicalJson(was[name] ?? null),
  );
  return { set: Object.fromEntries(set), gone: Object.keys(before).filter((name) => !Object.hasOwn(after, name)) };
}

function changed(before: Partial<Profile>, set: Partial<Profile>, gone: readonly string[]): Partial<Profile> {
  return Object.fromEntries(Object.entries({ ...before, ...set }).filter(([name]) => !gone.includes(name)));
}
