import type { LocalCloud } from '../../local/cloud.ts';
import { chance, type ProfileKey, profileKey } from '../../shared/kernel/ids.ts';
import { tables } from '../../shared/resources.ts';
import { personsIn } from './checker/check-events.ts';
import type { Finding } from './checker/replay.ts';
import type { Client } from './client.ts';
import type { Operator } from './operator.ts';

const SHARE = 0.02;

/**
 * Customers who ask to be erased when they have done all that they do, while everything still goes wrong: their waits run,
 * their messages are on the way (G12). What is left of them is no longer compared with what they did.
 */
export class Erasures {
  readonly #seed: number;
  #asked: readonly string[] = [];

  constructor(seed: number) {
    this.#seed = seed;
  }

  get count(): number {
    return this.#asked.length;
  }

  async ask(client: Client): Promise<void> {
    const known = new Set([...client.accepted.values()].map(({ event }) => event.userId ?? ''));
    const all = [...known].filter(isCustomer).sort((a, b) => this.#roll(a) - this.#roll(b));
    const chosen = all.slice(0, Math.ceil(all.length * SHARE));
    for (const userId of chosen) await client.command('DELETE', `profiles/${userId}`, undefined, `erase-${userId}`);
    this.#asked = chosen;
  }

  /** A job that gave up is over; whoever is on call asks for it again (docs/runbooks/scans-failed.md). */
  async askAgain(client: Client): Promise<void> {
    for (const userId of this.#asked)
      await client.command('DELETE', `profiles/${userId}`, undefined, `again-${userId}`);
  }

  /** Those who are erased, and whoever clients have linked to them. */
  keys(client: Client): ReadonlySet<ProfileKey> {
    const asked = new Set(this.#asked.map((userId) => profileKey('user', userId)));
    const persons = personsIn([...client.accepted.values()].map(({ event }) => event));
    const own = [...persons.values()].filter(({ keys }) => [...keys].some((key) => asked.has(key)));
    return new Set(own.flatMap(({ keys }) => [...keys]));
  }

  /** Every item of every table and every execution is looked at for the names and addresses of the erased. */
  async check(cloud: LocalCloud, operator: Operator): Promise<Finding[]> {
    const findings: Finding[] = [];
    const asked = new Set(this.#asked);
    const look = (where: string, text: string) => {
      for (const [, userId = ''] of text.matchAll(customers)) {
        if (asked.has(userId)) findings.push({ rule: 'G12 left', who: userId, detail: where });
      }
    };
    for (const name of Object.keys(tables)) {
      const table = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
      for await (const item of operator.scan(table)) {
        look(`${table}: ${Object.keys(item).join()}`, JSON.stringify(item));
      }
    }
    for (const { name, input, output = '' } of cloud.executions())
      look(`execution ${name}`, `${name} ${input} ${output}`);
    return findings;
  }

  #roll = (userId: string): number => chance('erasure', String(this.#seed), userId);
}

/** Devices and former ids have a word before that; addresses have the customer's id in them. */
const customers = /(?<!device-|old-)\b([a-z][a-z0-9-]*-customer-\d+-\d+)\b/g;
const isCustomer = (userId: string): boolean => /^(?!device-|old-)[a-z][a-z0-9-]*-customer-\d+-\d+$/.test(userId);
