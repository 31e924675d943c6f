import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { SETTLES_MS } from '../app/erasure/erase-steps.ts';
import type { Erasing, Remains } from '../app/erasure/ports.ts';
import type { SubjectItem } from '../app/rights/ports.ts';
import type { Subject } from '../app/rights/subject.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import type { Suppression } from '../domain/messaging/suppression.ts';
import { digest } from '../kernel/ids.ts';
import { awsCall } from './aws-call.ts';
import type { StoredTable } from './stored-kind.ts';
import { storedKinds } from './stored-kinds.ts';
import { subjectItems } from './subject-items.ts';

/**
 * What an erasure deletes, found by the registry: a kind of items that is added goes by its label, without a word here.
 * What belongs to the incarnation after it stays. Profiles are the actors' own.
 *
 * @param names of the tables, at least of those where something goes.
 * @param keepSalted before the suppression itself goes, where the policy keeps it.
 */
export function remainsIn(
  client: DynamoDBClient,
  names: { readonly [T in StoredTable]?: string },
  keepSalted: (suppression: Suppression) => Promise<void>,
): Remains {
  const missing = storedKinds.filter(({ table, kind }) => erased.has(kind) && !(table in names));
  const [forgotten] = missing.filter(({ table }) => table !== 'profiles');
  if (forgotten !== undefined)
    throw new Error(`nobody erases ${forgotten.kind}: the table ${forgotten.table} is not named`);
  const items = subjectItems(client, names);

  async function* going(of: Erasing): AsyncGenerator<readonly SubjectItem[]> {
    const subject = subjectOf(of);
    let cursor: string | undefined;
    do {
      const page = await items.page(subject, cursor);
      const found = page.items.filter((one) => goes(one, of));
      if (found.length > 0) yield found;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  return {
    async *list(of) {
      for await (const found of going(of)) {
        yield found.map(({ kind, table, key }) => ({ kind, hash: digest(table, ...Object.values(key)) }));
      }
    },
    async remove(of) {
      let removed = 0;
      for await (const found of going(of)) {
        // Backwards: what another item leads to is never found again without that.
        for (const { table, key, kind, item } of found.toReversed()) {
          if (of.salts && kind === 'suppression') await keepSalted(item as unknown as Suppression);
          const TableName = names[table as StoredTable]!;
          await awsCall(client.send(new DeleteItemCommand({ TableName, Key: marshall(key) })));
          removed += 1;
        }
      }
      return removed;
    },
  };
}

const subjectOf = ({ key, addresses }: Erasing): Subject => ({
  keys: [key],
  identities: [],
  addresses: addresses.flatMap(({ channel, hashes }) =>
    hashes.map((addressHash) => ({ channel: channel as Channel, addressHash })),
  ),
});

const erased: ReadonlySet<string> = new Set(
  storedKinds.filter(({ personalData }) => personalData === 'erase').map(({ kind }) => kind),
);

/** What another item leads to goes with that: it does not say itself of which incarnation it is. */
function goes({ kind, table, item, ledBy = item }: SubjectItem, of: Erasing): boolean {
  if (table === 'profiles') return false;
  // They are of the address, whoever has it by now.
  if (kind === 'suppression') return true;
  if (!erased.has(kind)) return false;
  if (of.heldBy !== undefined) return of.isFree === true || isAbout(ledBy, of.heldBy);
  const at = kind in timesOf ? Number(item[timesOf[kind]!] ?? 0) : undefined;
  if (at !== undefined) return at < (of.recreatedAt ?? of.at + SETTLES_MS);
  return Number(ledBy['inc'] ?? 0) < of.inc;
}

/** Kinds that do not say of which incarnation they are: when they were written. */
const timesOf: { readonly [kind: string]: string } = {
  'consent-statement': 'recordedAt',
  'inbox-message': 'storedAt',
};

/** An identity's actor wrote down who had it, and to whom it passed on what it was told. */
const isAbout = ({ jk, why }: SubjectItem['item'], keys: readonly string[]): boolean =>
  keys.some((key) => [jk, why].some((text) => typeof text === 'string' && text.includes(key)));
