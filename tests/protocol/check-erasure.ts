import { toldKey } from '../../shared/app/journal-key.ts';
import type { JournalEntry, MessageRecord, StoredProfile } from '../../shared/app/ports.ts';
import type { MessageRequest } from '../../shared/domain/decision.ts';
import type { MailRecord } from '../../shared/domain/mail-record.ts';
import { emptyProfile, incarnationOf } from '../../shared/domain/profiles/profile.ts';
import type { ProfileKey } from '../../shared/kernel/ids.ts';
import { isErasing, ledgerOf } from './audit.ts';
import { keyOfEvent, rootOf, visitOf } from './checks.ts';
import { type ClientEvent, strangerAt } from './scenario.ts';
import { name, type QueuedMail, type Violation } from './scheduler.ts';
import type { World } from './world.ts';

const broken = (law: string, detail: string): Violation => ({ law, detail });

/**
 * G12. What is known of erasures beside the code that is tried: which events had changed what was wiped, when whose
 * incarnation ended, and what was deleted.
 */
export class Erased {
  /** Events in what was wiped, and the number of the commit that wiped them. */
  readonly #died = new Map<string, number>();
  readonly #applied = new Map<string, number>();
  readonly #ended = new Map<ProfileKey, number>();
  readonly #removed = new Set<string>();
  readonly #messages = new Set<string>();
  /** Letters to an address alone: the number of the commit that decided each last. */
  readonly #letters = new Map<string, number>();
  /** Whoever had it at the number of that commit was erased then. */
  readonly #addresses = new Map<ProfileKey, number>();

  /** It may have gone with somebody. */
  has = (event: ClientEvent): boolean => this.#died.has(event.id) || this.#removed.has(keyOfEvent(event));
  hasMessage = (id: string): boolean => this.#messages.has(visitOf(id));

  removed(one: JournalEntry | MessageRecord): void {
    if ('jk' in one) this.#removed.add(one.jk);
    else this.#messages.add(visitOf(one.id));
  }

  onCommit(before: StoredProfile | undefined, next: StoredProfile, world: World): Violation | undefined {
    const { key, profile } = next;
    const was = before?.profile ?? emptyProfile;
    if (!isErasing(was, profile)) return this.#onApplied(was, next, world);
    const number = world.nextNumber();
    const address = was.traits['email']?.value;
    if (typeof address === 'string') this.#addresses.set(strangerAt(address), number);
    for (const { id } of was.sends.filter((one) => this.#letters.has(one.id))) {
      world.coverage.add('letter forgotten');
      // Its claim may still be written, and nobody knows the letter again.
      this.#messages.add(visitOf(id));
    }
    for (const id of Object.keys(ledgerOf(was))) this.#died.set(id, number);
    this.#ended.set(key, number);
    world.coverage.add(was.movedTo === undefined ? 'erased' : 'signpost wiped');
    if (was.movedTo === undefined && profile.erased?.left?.by !== undefined) world.coverage.add('wiped because asked');
    return this.#isOther(key, was, profile.erased!.at, world);
  }

  /** Whoever is wiped is the erased customer, or gave themselves up to them. */
  #isOther(key: ProfileKey, was: StoredProfile['profile'], at: number, world: World): Violation | undefined {
    if (was.movedTo === undefined) return undefined;
    const root = rootOf(world, was.movedTo);
    const now = root === undefined ? undefined : world.profiles.get(root)?.profile;
    const isLive = now?.aliases.includes(key) === true && (now.erased?.at ?? -1) < at;
    return isLive ? broken('G12 somebody else wiped', `${name(key)}, who is ${name(root!)}`) : undefined;
  }

  #onApplied(
    was: StoredProfile['profile'],
    { key, profile, pending }: StoredProfile,
    world: World,
  ): Violation | undefined {
    if (was.erased !== undefined && was.inc < profile.inc) world.coverage.add('signpost let go');
    if (was.erased !== undefined && was.createdAt === 0 && profile.createdAt > 0) world.coverage.add('recreated');
    for (const { st, jk, t, why } of pending?.ids ?? []) {
      for (const id of t === 'message' ? lettersIn(why) : []) this.#letters.set(id, world.nextNumber());
      if (why.some(({ code }) => code === 'merge.erased')) world.coverage.add('merge with who was erased');
      if (t !== 'event' || st !== 'moved') continue;
      const event = eventIn(world.mail.get(key) ?? [], jk);
      if (event === undefined) continue;
      this.#applied.set(event.id, world.nextNumber());
      const { erased } = profile;
      if (erased !== undefined && event.at <= erased.at && profile.holders === undefined) {
        return broken('G12 taken in from before', `${name(key)}: ${event.id}`);
      }
    }
    return undefined;
  }

  /** What left after its customer was erased; whoever had read the profile before that may go on. */
  checkHand(
    { key, id, inc = 0 }: MessageRequest,
    readAt: number,
    profiles: ReadonlyMap<string, StoredProfile>,
  ): Violation | undefined {
    let [at, expected] = [key as ProfileKey | undefined, inc];
    for (let hop = 0; at !== undefined && hop < 10; hop++) {
      const profile = profiles.get(at)?.profile;
      if (profile === undefined) return undefined;
      const ended = this.#ended.get(at);
      if (incarnationOf(profile) > expected && ended !== undefined && ended < readAt) {
        return broken('G12 sent to who was erased', id);
      }
      if (incarnationOf(profile) > expected) return undefined;
      [at, expected] = [profile.movedTo, profile.movedInc ?? 0];
    }
    return undefined;
  }

  check(world: World): Violation | undefined {
    for (const { job, isDone, key } of world.erasures) {
      if (!isDone) return broken('G12 never finished', `${job} ${name(key)}`);
    }
    for (const { key, profile, pending } of world.profiles.values()) {
      for (const id of Object.keys(ledgerOf(profile))) {
        if ((this.#died.get(id) ?? 0) > (this.#applied.get(id) ?? 0))
          return broken('G12 came back', `${name(key)}: ${id}`);
      }
      if (profile.erased?.left !== undefined) return broken('G12 marker keeps something', name(key));
      const text = JSON.stringify([profile, pending]);
      if (profile.inc > 0 && profile.createdAt === 0 && /example\.com|"Counted"/.test(text)) {
        return broken('G12 something is left', `${name(key)}: ${text}`);
      }
    }
    for (const [key, erasedAt] of this.#addresses) {
      const { sends = [] } = world.profiles.get(key)?.profile ?? {};
      const entries = [...world.journal.values()].flatMap(({ entry }) =>
        entry.key === key ? lettersIn(entry.why) : [],
      );
      const old = [...sends.map(({ id }) => id), ...entries].find((id) => (this.#letters.get(id) ?? 0) < erasedAt);
      if (old !== undefined) return broken('G12 letter stays', `${name(key)}: ${old}`);
    }
    for (const { entry } of world.journal.values()) {
      const inc = incarnationOf(world.profiles.get(entry.key)?.profile ?? emptyProfile);
      if ((entry.inc ?? 0) < inc) {
        return broken('G12 journal keeps something', `${name(entry.key)}: ${entry.t} ${entry.jk}`);
      }
    }
    for (const { key, id, inc = 0, entries } of world.messages.values()) {
      const now = incarnationOf(world.profiles.get(key)?.profile ?? emptyProfile);
      if (inc < now && entries !== undefined) return broken('G12 message keeps what it carries', id);
    }
    return undefined;
  }
}

const lettersIn = (why: JournalEntry['why']): readonly string[] =>
  why.flatMap(({ code, message }) => (code === 'message.decided' ? [message!] : []));

export const checkErasures = (world: World): Violation | undefined => world.erased.check(world);

function eventIn(mails: readonly QueuedMail[], jk: string) {
  const records: readonly MailRecord[] = mails.flatMap(({ mail }) => mail.records);
  for (const one of records) if (one.t === 'event' && toldKey(one) === jk) return one.event;
  return undefined;
}
