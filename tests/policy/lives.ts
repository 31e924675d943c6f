import { type CompiledCatalog, compileCatalog } from '../../shared/domain/compiled-catalog.ts';
import { Journey } from '../../shared/domain/journeys/journey.ts';
import { Policy } from '../../shared/domain/messaging/policy.ts';
import { Template } from '../../shared/domain/messaging/template.ts';
import { Topic } from '../../shared/domain/messaging/topic.ts';
import { DAY_MS, parseInstant } from '../../shared/kernel/time.ts';
import { Behaviour } from '../../shared/simulation/behaviour.ts';
import { Counters } from '../../shared/simulation/counters.ts';
import { lifeOf, live } from '../../shared/simulation/live.ts';
import { customersOf, Population } from '../../shared/simulation/population.ts';
import { type Trace, TraceWriter } from '../../shared/simulation/trace.ts';
import type { Line } from './checker/log.ts';
import { behaviour, type competing, population, weeks } from './competing.ts';

type Documents = ReturnType<typeof competing>;

/** As live: a simulation of a project refuses channels that this environment has not, and here all of them are wanted. */
export function catalogOf({ policy, topics, journeys, templates }: Documents): CompiledCatalog {
  return compileCatalog({
    epoch: 1,
    policy: Policy.parse(policy),
    topics: topics.map((one) => Topic.parse(one)),
    endpoints: [],
    templates: templates.map((one) => ({ id: one.id, version: 1, document: Template.parse(one) })),
    journeys: journeys.map((one) => ({ id: one.id, state: 'live', version: 1, document: Journey.parse(one) })),
  });
}

/** The message log of each customer, one after the other; customers know nothing of each other. */
export function* livesOf(catalog: CompiledCatalog, customers: number, seed: string): Generator<Line[]> {
  const from = parseInstant(weeks.from)!;
  const until = from + weeks.days * DAY_MS;
  const setting = { catalog, behaviour: Behaviour.parse(behaviour), counters: new Counters(), seed, until };
  for (const customer of customersOf(Population.parse(population(customers)), from, seed)) {
    const writer = new TraceWriter(catalog);
    const life = lifeOf(customer, setting, {
      decided: (decided) => writer.decided(decided),
      handed: (handed) => writer.handed(handed),
      unsubscribed() {},
      arrived: (arrived) => writer.arrived(arrived),
    });
    live([life]);
    yield linesOf(writer.finish(customer.name, until, life.zone(), []));
  }
}

function linesOf({ customer, entries, messages, zone }: Trace): Line[] {
  const countryOf = (traits: Trace['messages'][number]['traits'], channel: string | undefined): string | undefined =>
    channel === 'sms' ? byPrefix(String(traits['phone'])) : (traits['country'] as string | undefined);
  const traits = messages[0]?.traits ?? {};
  const place = (channel: string | undefined) => {
    const country = countryOf(traits, channel);
    return { zone, ...(country !== undefined && { country }) };
  };
  return [
    ...entries.flatMap(({ at, reasons }) =>
      reasons.map(({ code, journey, step, run, channel, topic, saw }): Line => {
        const about = { journey, step, run, channel, topic, saw };
        const known = Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));
        return { line: 'note', customer, at, code, ...known, ...place(channel) };
      }),
    ),
    ...messages
      .filter(({ outcome }) => outcome === 'sent')
      .map(({ at, channel, topic, journey = '', step = '', run = '' }): Line => {
        const about = { channel, topic, journey, step, run };
        return { line: 'sent', customer, decided: at, handed: at, ...about, ...place(channel) };
      }),
  ];
}

/** The three numbers that there are. */
const byPrefix = (phone: string): string | undefined => ({ '+33': 'FR', '+49': 'DE', '+14': 'US' })[phone.slice(0, 3)];
