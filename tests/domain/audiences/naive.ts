import type {
  Count,
  Did,
  HadMessage,
  Op,
  Predicate,
  Sequence,
  Span,
} from '../../../shared/domain/audiences/predicate.ts';
import type { Reason } from '../../../shared/domain/decision.ts';
import type { MailRecord } from '../../../shared/domain/mail-record.ts';
import type { ProfileKey } from '../../../shared/kernel/ids.ts';
import { addDuration } from '../../../shared/kernel/zone.ts';

interface Happened {
  readonly name: string;
  readonly at: number;
  readonly n: number;
  /** The trait `plan` when it was told. */
  readonly plan: unknown;
}
interface OfMessage {
  readonly was: string;
  readonly at: number;
  readonly machine: boolean;
  readonly id: string;
}
interface Memory {
  events: Happened[];
  messages: OfMessage[];
  plan: { readonly value: unknown; readonly at: number } | undefined;
  consent: { readonly state: string; readonly at: number } | undefined;
}

/**
 * Remembers every single thing, forgets nothing, and counts anew for every question: slow, and so plain that it can be
 * believed. It shares with the product the grammar's types and the arithmetic of calendars, and nothing else.
 */
export class Naive {
  readonly #of = new Map<ProfileKey, Memory>();

  of(key: ProfileKey): Memory {
    const memory = this.#of.get(key) ?? { events: [], messages: [], plan: undefined, consent: undefined };
    this.#of.set(key, memory);
    return memory;
  }

  /** A record that was decided by this profile, and was not sent on. */
  take(key: ProfileKey, record: MailRecord, now: number, reasons: readonly Reason[]): void {
    const memory = this.of(key);
    for (const { code, message } of reasons) {
      if (code === 'message.decided') memory.messages.push({ was: 'sent', at: now, machine: false, id: message! });
    }
    switch (record.t) {
      case 'event': {
        const { name, at, data } = record.event;
        memory.events.push({ name, at, n: Number(data['n'] ?? 0), plan: memory.plan?.value });
        break;
      }
      case 'patch':
        if ('plan' in record.traits) memory.plan = { value: record.traits['plan'], at: record.at };
        break;
      case 'consent':
        memory.consent = { state: record.consents[0]!.state, at: record.at };
        break;
      case 'outcome':
        memory.messages = memory.messages.filter(({ id, was }) => !(id === record.message && was === 'sent'));
        break;
      case 'receipt':
        memory.messages.push({ was: record.was, at: record.at, machine: record.machine === true, id: '' });
        break;
      case 'absorb':
        if (reasons.some(({ code }) => code === 'merge.absorbed')) this.#join(memory, this.of(record.from));
        break;
    }
  }

  #join(root: Memory, other: Memory): void {
    root.events.push(...other.events);
    root.messages.push(...other.messages);
    if ((other.plan?.at ?? 0) > (root.plan?.at ?? 0)) root.plan = other.plan;
    // A withdrawal holds, whoever said it and when.
    const [a, b] = [root.consent, other.consent];
    if (a === undefined || b === undefined) root.consent = a ?? b;
    else if (a.state === b.state) root.consent = a.at > b.at ? a : b;
    else root.consent = a.state === 'withdrawn' ? a : b;
  }
}

/** @param zone of the customer; IANA. */
export function holdsNaively(p: Predicate, memory: Memory, now: number, zone: string): boolean {
  const ask = (part: Predicate) => holdsNaively(part, memory, now, zone);
  if ('all' in p) return p.all.every(ask);
  if ('any' in p) return p.any.some(ask);
  if ('not' in p) return !ask(p.not);
  if ('ref' in p) return compares(p, traitOf(p.ref, memory, now, zone));
  if ('did' in p) return counted(p, memory, now, zone);
  if ('sequence' in p) return followed(p, memory, now, zone);
  if ('message' in p) return enough(p.times, messages(p, memory, now, zone).length);
  if ('consent' in p) return (memory.consent?.state ?? 'none') === p.is;
  if ('clock' in p) return p.windows.some(({ from, to }) => from <= wallTime(now, zone) && wallTime(now, zone) < to);
  throw new Error(`not asked here: ${JSON.stringify(p)}`);
}

/** What computed traits are declared to be (lives.ts). */
function traitOf(ref: string, memory: Memory, now: number, zone: string): unknown {
  const of = (did: string, span: Span) => didOf({ did }, memory).filter(({ at }) => isWithin(at, span, now, zone));
  if (ref === 'profile.a-recently') return of('A', 'P2D').length;
  if (ref === 'profile.b-ever') return of('B', 'ever').length;
  if (ref === 'profile.a-spent') return of('A', 'P7D').reduce((all, { n }) => all + n, 0);
  return memory.plan?.value;
}

/** What happened within the window that ends now; its far end is not included. */
export function isWithin(at: number, span: Span, now: number, zone: string): boolean {
  if (at > now) return false;
  if (span === 'ever') return true;
  if (span === 'today') return wallDay(at, zone) === wallDay(now, zone);
  return addDuration(at, span, zone) > now;
}

function counted(p: Did, memory: Memory, now: number, zone: string): boolean {
  const found = didOf(p, memory).filter(({ at }) => isWithin(at, p.within, now, zone));
  const sum = found.reduce((all, { n }) => all + n, 0);
  return enough(p.times, found.length) && (p.sum === undefined || compares(p.sum, sum));
}

export const didOf = (p: Pick<Did, 'did' | 'where'>, { events }: Memory): Happened[] =>
  events.filter((event) => event.name === p.did && (p.where === undefined || fits(p.where, event)));

function fits(where: Predicate, event: Happened): boolean {
  if ('all' in where) return where.all.every((part) => fits(part, event));
  if ('ref' in where) return compares(where, where.ref === 'event.n' ? event.n : event.plan);
  throw new Error('not asked here');
}

function messages(p: HadMessage, memory: Memory, now: number, zone: string): OfMessage[] {
  const isHuman = p.by !== 'anyone' && (p.was === 'opened' || p.was === 'clicked');
  return memory.messages.filter(
    ({ was, at, machine }) => was === p.was && !(isHuman && machine) && isWithin(at, p.within, now, zone),
  );
}

/** Tries every choice of one occurrence per step. */
function followed({ sequence, within }: Sequence, memory: Memory, now: number, zone: string): boolean {
  const times = (name: string) =>
    memory.events.filter((event) => event.name === name && isWithin(event.at, within, now, zone)).map(({ at }) => at);
  const choose = (i: number, before: number, unwanted: readonly string[]): boolean => {
    const isFree = (until: number) => !unwanted.some((name) => times(name).some((at) => at > before && at < until));
    const step = sequence[i];
    if (step === undefined) return isFree(now + 1);
    if ('didNot' in step) return choose(i + 1, before, [...unwanted, step.didNot]);
    return times(step.did).some((at) => {
      if (at <= before) return false;
      const isFirst = before === Number.NEGATIVE_INFINITY;
      if (!isFirst && step.within !== undefined && addDuration(before, step.within, zone) <= at) return false;
      return isFree(at) && choose(i + 1, at, []);
    });
  };
  return choose(0, Number.NEGATIVE_INFINITY, []);
}

function enough(times: Count | undefined, count: number): boolean {
  if (times === undefined) return count >= 1;
  if ('atLeast' in times) return count >= times.atLeast;
  return 'atMost' in times ? count <= times.atMost : count === times.exactly;
}

function compares(op: Op, value: unknown): boolean {
  if ('is' in op) return value === op.is;
  if ('exists' in op) return (value !== undefined) === op.exists;
  if ('gte' in op) return typeof value === 'number' && value >= Number(op.gte);
  if ('lt' in op) return typeof value === 'number' && value < Number(op.lt);
  throw new Error('not asked here');
}

const dayFormats = new Map<string, Intl.DateTimeFormat>();
function wallDay(at: number, zone: string): string {
  const format = dayFormats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
  dayFormats.set(zone, format);
  return format.format(at);
}
const timeFormats = new Map<string, Intl.DateTimeFormat>();
function wallTime(at: number, zone: string): string {
  const format = timeFormats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, timeStyle: 'short' });
  timeFormats.set(zone, format);
  return format.format(at);
}
