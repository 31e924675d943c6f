import * as z from 'zod';
import { Channel } from '../domain/messaging/channel.ts';
import { Id } from '../kernel/schema.ts';
import { parseInstant } from '../kernel/time.ts';
import type { Act, Customer } from './acts.ts';
import { parsePart, refusal } from './parse-part.ts';

const values = z.record(z.string().min(1).max(200), z.json());
const Recorded = z
  .strictObject({
    userId: z.string().min(1).max(256).exactOptional(),
    anonymousId: z.string().min(1).max(256).exactOptional(),
    at: z.string().refine((text) => parseInstant(text) !== undefined, {
      params: { code: 'instant', limit: 'RFC 3339 with offset', fix: 'write 2026-10-30T09:00:00+01:00' },
    }),
    /** The client's messageId. */
    id: z.string().min(1).max(100).exactOptional(),
    event: z.string().min(1).max(200).exactOptional(),
    properties: values.exactOptional(),
    traits: values.exactOptional(),
    consent: z
      .strictObject({ topic: Id, channel: Channel, state: z.enum(['granted', 'pending', 'withdrawn']) })
      .exactOptional(),
    enroll: Id.exactOptional(),
    context: z
      .strictObject({ locale: z.string().exactOptional(), timezone: z.string().exactOptional() })
      .exactOptional(),
  })
  .check((payload) => {
    const { userId, anonymousId, event, traits, consent, enroll } = payload.value;
    const what = [event, traits, consent, enroll].filter((one) => one !== undefined).length;
    const complain = (message: string, fix: string) =>
      payload.issues.push({ code: 'custom', message, input: payload.value, params: { code: 'record', fix } });
    if (userId === undefined && anonymousId === undefined) complain('nobody', 'give userId or anonymousId');
    if (what !== 1) complain(`${what} things in one record`, 'give one of event, traits, consent and enroll');
  });
/** What happened once: `{ userId, at, event, properties }`, or `traits`, `consent` or `enroll` in the place of `event`. */
export type RecordedAct = z.input<typeof Recorded>;

/**
 * Recorded histories as customers: a list, or a text with one JSON object a line (NDJSON). Ids that one record names
 * together are one customer, so that the device's visits before the sign-up are simulated beside what follows.
 */
export function readHistories(histories: string | readonly unknown[]): Customer[] {
  const records = typeof histories === 'string' ? readLines(histories) : histories;
  const acts = records.map((record, index) => toAct(parsePart(Recorded, record, `/histories/${index}`), index));
  const same = new SameCustomers();
  for (const { userId, anonymousId } of acts) same.join(idsOf({ userId, anonymousId }));
  const customers = Map.groupBy(acts, (act) => same.rootOf(idsOf(act)[0]!));
  return [...customers.values()].map((own) => {
    const name = own.find(({ userId }) => userId !== undefined)?.userId ?? own[0]!.anonymousId!;
    return { name, acts: own.toSorted((a, b) => a.at - b.at) };
  });
}

const idsOf = ({
  userId,
  anonymousId,
}: {
  userId?: string | undefined;
  anonymousId?: string | undefined;
}): string[] => [
  ...(userId === undefined ? [] : [`u ${userId}`]),
  ...(anonymousId === undefined ? [] : [`a ${anonymousId}`]),
];

function readLines(text: string): unknown[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      throw refusal('/histories', 'syntax', `line ${index + 1} is not JSON`, 'write one JSON object a line');
    }
  });
}

function toAct(record: z.infer<typeof Recorded>, index: number): Act {
  const { userId, anonymousId, event, traits, consent, enroll, properties = {}, context } = record;
  const common = {
    at: parseInstant(record.at)!,
    id: record.id ?? `history-${index}`,
    ...(userId !== undefined && { userId }),
    ...(anonymousId !== undefined && { anonymousId }),
  };
  const where = context === undefined ? {} : { context };
  if (event !== undefined) return { ...common, t: 'event', name: event, properties, ...where };
  if (traits !== undefined) return { ...common, t: 'traits', traits, ...where };
  if (consent !== undefined) return { ...common, t: 'consent', ...consent };
  return { ...common, t: 'enroll', journey: enroll!, properties };
}

/** Union by the ids that records name together. */
class SameCustomers {
  readonly #above = new Map<string, string>();

  rootOf(id: string): string {
    let root = id;
    for (let above = this.#above.get(root); above !== undefined; above = this.#above.get(root)) root = above;
    return root;
  }

  join([first, second]: readonly string[]): void {
    if (first === undefined || second === undefined) return;
    const [a, b] = [this.rootOf(first), this.rootOf(second)];
    if (a !== b) this.#above.set(b, a);
  }
}
