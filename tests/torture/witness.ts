import type { LocalCloud } from '../../local/cloud.ts';
import { isTold, ownKey, toldKey } from '../../shared/app/journal-key.ts';
import type { Pending } from '../../shared/app/ports.ts';
import type { Mail, MailRecord } from '../../shared/domain/mail-record.ts';
import type { ProfileKey } from '../../shared/kernel/ids.ts';
import { textsWritten } from '../texts-written.ts';

/** A profile's item as it was committed. */
export interface Commit {
  readonly key: ProfileKey;
  readonly version: number;
  readonly at: number;
  readonly epoch: number;
  readonly doc: string;
  readonly pending?: Pick<Pending, 'last' | 'eff'> & { readonly ids: Pending['ids'] };
}

type Attribute = { readonly S?: string; readonly N?: string };
type Item = Readonly<Record<string, Attribute>>;
type Tuple = [jk: string, st: Pending['ids'][number]['st'], t: MailRecord['t'], why: Pending['ids'][number]['why']];

/**
 * Who stands at the doors of the tables and of the mailbox and writes down what goes through: what was committed, in the
 * order in which it was, and which records lay in the mailbox. It asks the product nothing.
 */
export class Witness {
  /** Since the last `take`. */
  #commits: Commit[] = [];
  readonly #mail = new Map<ProfileKey, Map<string, MailRecord[]>>();
  #stop: () => void;

  constructor(cloud: LocalCloud) {
    const profiles = tableOf(cloud, 'Profiles');
    cloud.onWritten(({ operation, table, body }) => {
      if (table !== profiles || operation !== 'PutItem') return;
      this.#commits.push(commitOf((body as { readonly Item: Item }).Item));
    });
    const mailbox = cloud.queue('Mailbox0Queue');
    const { send } = mailbox;
    mailbox.send = (message) => {
      this.#note(JSON.parse(message.body) as Mail);
      return send.call(mailbox, message);
    };
    this.#stop = () => {
      mailbox.send = send;
      cloud.onWritten(undefined);
    };
  }

  take(): readonly Commit[] {
    const commits = this.#commits;
    this.#commits = [];
    return commits;
  }

  /**
   * What lay in the mailbox under the journal key that a commit names. A request that was sent again gives its events
   * another time, by the clocks of then (Segment Spec, `sentAt`), and may lie there twice: which one was decided, the
   * journal key does not say.
   */
  recordsOf(key: ProfileKey, jk: string): readonly MailRecord[] {
    return this.#mail.get(key)?.get(jk) ?? this.#mail.get(key)?.get(ownIdIn(jk)) ?? [];
  }

  stop(): void {
    this.#stop();
  }

  #note({ key, records }: Mail): void {
    const known = this.#mail.get(key) ?? new Map<string, MailRecord[]>();
    this.#mail.set(key, known);
    for (const record of records) {
      const id = isTold(record) ? toldKey(record) : ownIdIn(ownKey(record, 0, 0));
      const before = known.get(id) ?? [];
      const text = JSON.stringify(record);
      if (!before.some((one) => JSON.stringify(one) === text)) known.set(id, [...before, record]);
    }
  }
}

/** Time and version stand around it, which nobody knows before the commit. */
const ownIdIn = (jk: string): string => jk.slice(jk.indexOf('|'), jk.lastIndexOf('|') + 1);

export function tableOf(cloud: LocalCloud, name: string): string {
  const found = cloud.assembly
    .ofType('AWS::DynamoDB::Table')
    .find(({ logicalId }) => logicalId.startsWith(`Table${name}`));
  if (found === undefined) throw new Error(`the assembly has no table ${name}`);
  return found.name;
}

function commitOf(item: Item): Commit {
  const { doc, pend: pending } = textsWritten(item);
  const read =
    pending === undefined ? undefined : (JSON.parse(pending) as Pick<Pending, 'last' | 'eff'> & { ids: Tuple[] });
  return {
    key: item['pk']!.S!,
    version: Number(item['v']!.N),
    at: Number(item['at']!.N),
    epoch: Number(item['ep']!.N),
    doc,
    ...(read && { pending: { ...read, ids: read.ids.map(([jk, st, t, why]) => ({ jk, st, t, why })) } }),
  };
}
