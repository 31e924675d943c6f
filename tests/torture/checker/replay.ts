import type { CompiledCatalog } from '../../../shared/domain/compiled-catalog.ts';
import { decide } from '../../../shared/domain/decide.ts';
import type { Effect, MessageRequest, Reason } from '../../../shared/domain/decision.ts';
import type { MailRecord } from '../../../shared/domain/mail-record.ts';
import { packProfile, unpackProfile } from '../../../shared/domain/profiles/pack-stored.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { canonicalJson, type Json } from '../../../shared/kernel/canonical-json.ts';
import type { ProfileKey } from '../../../shared/kernel/ids.ts';
import type { Commit } from '../witness.ts';

/** One thing that must not have happened. */
export interface Finding {
  readonly rule: string;
  readonly who: string;
  readonly detail: string;
}

/** Something that was decided, in the words of the journal. */
export interface Noted {
  readonly key: ProfileKey;
  readonly at: number;
  readonly reason: Reason;
}

interface State {
  readonly version: number;
  readonly at: number;
  readonly epoch: number;
  readonly doc: string;
  /** Journal key of the certificate; absent where nothing was left to be done. */
  readonly last?: string;
}

export interface Sources {
  recordsOf(key: ProfileKey, jk: string): readonly MailRecord[];
  catalogAt(epoch: number): CompiledCatalog | undefined;
}

/**
 * Decides everything again with the pure core: each commit from the state that the commit before it left, with the record
 * that lay in the mailbox, at the time and with the catalog that the commit names. What comes out must be what was stored,
 * byte for byte, and the effects those that are to be performed (G5). Versions must have no gap (G4: one writer).
 *
 * So the order in which records were decided is taken from the commits and nothing else is: under faults the order across
 * groups is nobody's promise. That each accepted event is in it, once, is for `checkEvents`.
 */
export class Replay {
  readonly findings: Finding[] = [];
  readonly states = new Map<ProfileKey, State>();
  /** By journal key of an event: where it changed a state. */
  readonly moved = new Map<string, ProfileKey[]>();
  readonly messages = new Map<string, { readonly key: ProfileKey; readonly request: MessageRequest; times: number }>();
  readonly notes: Noted[] = [];
  /** Records that were decided again, and commits that could not be: their catalog was replaced too soon. */
  readonly counts = { commits: 0, decided: 0, unknown: 0 };
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  take(commits: readonly Commit[]): void {
    for (const commit of commits) this.#take(commit);
  }

  profileOf(key: ProfileKey): Profile {
    const state = this.states.get(key);
    return state === undefined ? emptyProfile : unpackProfile(JSON.parse(state.doc));
  }

  #take(commit: Commit): void {
    const { key, version, at, epoch, doc, pending } = commit;
    const before = this.states.get(key);
    this.counts.commits += 1;
    if (version !== (before?.version ?? 0) + 1)
      this.#find('G4 versions', key, `${version} after ${before?.version ?? 0}`);
    if (before !== undefined && epoch < before.epoch)
      this.#find('G8 older catalog', key, `${epoch} after ${before.epoch}`);
    if (before !== undefined && at < before.at) this.#find('G4 time runs back', key, `${at} after ${before.at}`);
    this.#decideAgain(commit);
    this.states.set(key, { version, at, epoch, doc, ...(pending && { last: pending.last }) });
    for (const { jk, st, t, why } of pending?.ids ?? []) {
      for (const reason of why) this.notes.push({ key, at, reason });
      if (t === 'event' && st === 'moved') this.moved.set(jk, [...(this.moved.get(jk) ?? []), key]);
    }
    for (const effect of pending?.eff ?? []) {
      if (effect.e !== 'message') continue;
      const known = this.messages.get(effect.message.id);
      if (known === undefined) this.messages.set(effect.message.id, { key, request: effect.message, times: 1 });
      else known.times += 1;
    }
  }

  #decideAgain(commit: Commit): void {
    const catalog = this.#sources.catalogAt(commit.epoch);
    if (catalog === undefined) {
      this.counts.unknown += 1;
      return;
    }
    const { key, pending } = commit;
    const found = (pending?.ids ?? []).map(({ jk }) => this.#sources.recordsOf(key, jk));
    // Those of one mail were sent again together.
    const ways = Math.max(1, ...found.map(({ length }) => length));
    let findings: readonly Finding[] = [];
    for (let way = 0; way < ways; way++) {
      findings = this.#decideAs(
        commit,
        catalog,
        found.map((records) => records[Math.min(way, records.length - 1)]),
      );
      if (findings.length === 0) return;
    }
    this.findings.push(...findings);
  }

  #decideAs(commit: Commit, catalog: CompiledCatalog, records: readonly (MailRecord | undefined)[]): Finding[] {
    const { key, at, doc, pending, version } = commit;
    const findings: Finding[] = [];
    const find = (rule: string, detail: string) => findings.push({ rule, who: key, detail });
    let profile = this.profileOf(key);
    const effects: Effect[] = [];
    for (const [index, { jk, st, t, why }] of (pending?.ids ?? []).entries()) {
      const record = records[index];
      if (record === undefined || record.t !== t) {
        find('G5 from nowhere', `${t} ${jk} was in no mail`);
        return findings;
      }
      const frozen = record.t === 'absorb' ? this.profileOf(record.from) : undefined;
      const decision = decide(profile, key, record, catalog, at, frozen);
      this.counts.decided += 1;
      const state = decision.changed ? 'moved' : decision.forwarded ? 'fwd' : 'inert';
      if (state !== st) find('G5 other outcome', `${t} ${jk}: ${st}, decided again ${state}`);
      const [codes, again] = [why, decision.reasons].map((reasons) => reasons.map(({ code }) => code).join());
      if (codes !== again) find('G5 other reasons', `${t} ${jk}: ${codes}; decided again ${again}`);
      profile = decision.profile;
      effects.push(...decision.effects);
    }
    const again = JSON.stringify(packProfile(profile));
    if (again !== doc) find('G5 other state', `version ${version}: ${difference(doc, again)}`);
    for (const detail of otherEffects(pending?.eff ?? [], effects)) find('G5 other effects', detail);
    return findings;
  }

  #find(rule: string, who: string, detail: string): void {
    this.findings.push({ rule, who, detail });
  }
}

/** Wakes that came too early are armed again, records that changed nothing may be answered: those are in no commit's list. */
function otherEffects(performed: readonly Effect[], decided: readonly Effect[]): string[] {
  const left = performed.map((effect) => canonicalJson(effect as unknown as Json));
  const missing = decided.flatMap((effect): string[] => {
    if (effect.e === 'statement') return [];
    const place = left.indexOf(canonicalJson(effect as unknown as Json));
    if (place >= 0) left.splice(place, 1);
    return place < 0 ? [`${effect.e} is missing`] : [];
  });
  const more = left.map((text) => (JSON.parse(text) as Effect).e).filter((e) => e === 'message' || e === 'suppress');
  return [...missing, ...more.map((e) => `${e} from nowhere`)];
}

/** The names of what is not the same, and no values. */
function difference(stored: string, again: string): string {
  const read = (text: string) => JSON.parse(text) as Readonly<Record<string, Json>>;
  const [a, b] = [read(stored), read(again)];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return (
    [...names].filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name])).join() || 'the order of its parts'
  );
}
