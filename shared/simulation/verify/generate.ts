import type { Channel } from '../../domain/messaging/channel.ts';
import type { ConsentState } from '../../domain/profiles/profile.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { chance } from '../../kernel/ids.ts';
import { formatInstant, SECOND_MS } from '../../kernel/time.ts';
import type { Act, Customer } from '../acts.ts';
import type { RecordedAct } from '../histories.ts';
import type { Vocabulary } from './vocabulary.ts';

type Values = { readonly [name: string]: Json };

/** A life that might be: acts with the time that passes before each, so that one can be left out without moving the others. */
export interface Life {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly acts: readonly LifeAct[];
}

export type LifeAct = { readonly after: number } & (
  | { readonly t: 'event'; readonly name: string; readonly properties: Values }
  | { readonly t: 'traits'; readonly traits: Values }
  | { readonly t: 'consent'; readonly topic: string; readonly channel: Channel; readonly state: ConsentState }
  | { readonly t: 'enroll'; readonly journey: string; readonly properties: Values }
);

const MAX_ACTS = 14;
const NAME = 'customer';

/** One life of many: the same seed and number, the same life. */
export function generateLife(vocabulary: Vocabulary, seed: string, number: number): Life {
  let drawn = 0;
  const draw = () => chance('verify', seed, String(number), String(drawn++));
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)]!;
  const some = (pools: ReadonlyMap<string, readonly Json[]>, names: readonly string[], share: number): Values =>
    Object.fromEntries(names.flatMap((name) => (draw() < share ? [[name, pick(pools.get(name) ?? ['a', 'b'])]] : [])));

  const { events, journeysByApi, propertyValues, traitValues, consents, spans, starts } = vocabulary;
  const traits = [...traitValues.keys()];
  const email = draw() < 0.95 ? { email: `${NAME}@mail.example` } : {};
  const acts: LifeAct[] = [{ after: 0, t: 'traits', traits: { ...email, ...some(traitValues, traits, 0.7) } }];
  const entering = [
    ...events.filter(({ enters }) => enters).map(({ name, properties }) => ({ event: name, properties })),
    ...journeysByApi.map(({ journey, properties }) => ({ journey, properties })),
  ];
  const count = 1 + Math.floor(draw() ** 1.5 * MAX_ACTS);
  for (let index = 0; index < count; index += 1) {
    const after = draw() < 0.3 ? Math.floor(draw() * 60) * SECOND_MS : pick(spans);
    const kind = draw();
    if (kind < 0.6 && entering.length > 0) {
      const entry = pick(entering);
      const properties = some(propertyValues, entry.properties, 0.85);
      if ('event' in entry) acts.push({ after, t: 'event', name: entry.event, properties });
      else acts.push({ after, t: 'enroll', journey: entry.journey, properties });
    } else if (kind < 0.82 && events.length > 0) {
      const { name, properties } = pick(events);
      acts.push({ after, t: 'event', name, properties: some(propertyValues, properties, 0.85) });
    } else if (kind < 0.91 && traits.length > 0) {
      acts.push({ after, t: 'traits', traits: some(traitValues, [pick(traits)], 1) });
    } else if (consents.length > 0) {
      acts.push({ after, t: 'consent', ...pick(consents), state: draw() < 0.7 ? 'withdrawn' : 'granted' });
    }
  }
  return { start: pick(starts), acts };
}

export function customerOf({ start, acts }: Life): Customer {
  let at = start;
  const lived = acts.map(({ after, ...act }, index): Act => {
    at += after;
    return { at, id: `act-${index}`, userId: NAME, ...act };
  });
  return { name: NAME, acts: lived };
}

/** To be played again by `simulate`. */
export function recordsOf(life: Life): RecordedAct[] {
  return customerOf(life).acts.map((act): RecordedAct => {
    const common = { userId: NAME, at: formatInstant(act.at), id: act.id };
    if (act.t === 'consent')
      return { ...common, consent: { topic: act.topic, channel: act.channel, state: act.state } };
    if (act.t === 'traits') return { ...common, traits: act.traits as never };
    const what = act.t === 'event' ? { event: act.name } : { enroll: act.journey };
    return { ...common, ...what, properties: act.properties as never };
  });
}
