import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { profileKey } from '../../shared/kernel/ids.ts';

/**
 * Copies of one customer's item, written into the file in which dynoxide keeps its tables: a million through its HTTP would
 * take an hour. Found by key they are as any; a scan in segments passes them over, since they lack its prefix.
 */
export class MadeUpProfiles {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #pattern: string;
  readonly #bytes: number;
  readonly #of: { readonly user: string; readonly key: string };

  /** @param user of the customer that is copied; their id must not be part of anything else in the item. */
  constructor(dataDir: string, table: string, user: string) {
    this.#database = new DatabaseSync(join(dataDir, 'tables.sqlite'), { timeout: 10_000 });
    this.#table = table;
    this.#of = { user, key: profileKey('user', user) };
    const found = this.#database
      .prepare(`SELECT item_json, item_size FROM "${table}" WHERE pk = ?`)
      .get(`S:${this.#of.key}`) as { item_json: string; item_size: number } | undefined;
    if (found === undefined) throw new Error(`the table ${table} does not hold ${user}`);
    this.#pattern = found.item_json;
    this.#bytes = found.item_size;
  }

  /** Those from one number up to another, which is not among them. */
  add(from: number, to: number): void {
    const insert = this.#database.prepare(`INSERT INTO "${this.#table}" (pk, item_json, item_size) VALUES (?, ?, ?)`);
    this.#database.exec('BEGIN');
    for (let i = from; i < to; i++) {
      const user = madeUp(i);
      const key = profileKey('user', user);
      const item = this.#pattern.replaceAll(this.#of.key, key).replaceAll(this.#of.user, user);
      insert.run(`S:${key}`, item, this.#bytes + user.length - this.#of.user.length);
    }
    this.#database.exec('COMMIT');
  }

  count(): number {
    return (this.#database.prepare(`SELECT COUNT(*) AS n FROM "${this.#table}"`).get() as { n: number }).n;
  }

  close(): void {
    this.#database.close();
  }
}

export const madeUp = (i: number): string => `made-up-${i}`;
