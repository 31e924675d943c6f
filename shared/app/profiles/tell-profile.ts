import type { MailRecord } from '../../domain/mail-record.ts';
import { Permanent } from '../../kernel/errors.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import type { Mailbox } from '../ports.ts';

/** A command for one profile: a record in its mailbox. `id` is the record's own, `[A-Za-z0-9_-]`, at most 80 characters. */
export interface Command {
  readonly key: ProfileKey;
  readonly record: Extract<MailRecord, { readonly id: string }>;
}

/**
 * Puts commands into mailboxes; answers with the codes of those that the queue will never take, by index. The same
 * command twice has the same id, and the journal of the profile tells it (guarantee G2).
 */
export async function tellProfiles(
  mailbox: Mailbox,
  commands: readonly Command[],
  now: number,
): Promise<ReadonlyMap<number, string>> {
  const mails = commands.map(({ key, record }) => ({
    id: record.id,
    mail: { schema: 1, key, received: now, hop: 0, records: [record] } as const,
  }));
  const refusals = await mailbox.send(mails);
  return new Map(refusals.map(({ index, code }) => [index, code]));
}

export async function tellProfile(mailbox: Mailbox, command: Command, now: number): Promise<void> {
  for (const code of (await tellProfiles(mailbox, [command], now)).values()) {
    throw new Permanent('mailbox.refused', `the mailbox does not take this: ${code}`);
  }
}
