import type { MailRecord } from '../../domain/mail-record.ts';
import { InvalidInput, Permanent } from '../../kernel/errors.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import type { Mailbox } from '../ports.ts';

/** A command for one profile: a record in its mailbox. `id` is the record's own, `[A-Za-z0-9_-]`, at most 80 characters. */
export interface Command {
  readonly key: ProfileKey;
  readonly record: Extract<MailRecord, { readonly id: string }>;
}

/** A mail takes what an SQS message takes; a profile, and the journal that keeps the record, take far less. */
const MAX_COMMAND_BYTES = 64 * 1024;
const bytesOf = ({ record }: Command) => Buffer.byteLength(JSON.stringify(record));

/**
 * Puts commands into mailboxes; answers why those that were not taken never will be, by index. The same
 * command twice has the same id, and the journal of the profile tells it (guarantee G2).
 */
export async function tellProfiles(
  mailbox: Mailbox,
  commands: readonly Command[],
  now: number,
): Promise<ReadonlyMap<number, string>> {
  const refused = new Map<number, string>();
  const fitting = commands.flatMap((command, index) => {
    const bytes = bytesOf(command);
    if (bytes <= MAX_COMMAND_BYTES) return [{ ...command, index }];
    refused.set(index, `${bytes} bytes; a command has at most ${MAX_COMMAND_BYTES}`);
    return [];
  });
  const refusals = await mailbox.send(
    fitting.map(({ key, record }) => ({
      id: record.id,
      mail: { schema: 1, key, received: now, hop: 0, records: [record] } as const,
    })),
  );
  for (const { index, code } of refusals) refused.set(fitting[index]!.index, code);
  return refused;
}

export async function tellProfile(mailbox: Mailbox, command: Command, now: number): Promise<void> {
  const actual = bytesOf(command);
  if (actual > MAX_COMMAND_BYTES) {
    const problem = { pointer: '', code: 'command.too-large', detail: 'too large', limit: MAX_COMMAND_BYTES, actual };
    const detail = `what is told to a profile has at most ${MAX_COMMAND_BYTES} bytes; this has ${actual}`;
    throw new InvalidInput('command.too-large', detail, [problem], 'too-large');
  }
  for (const code of (await tellProfiles(mailbox, [command], now)).values()) {
    throw new Permanent('mailbox.refused', `the mailbox does not take this: ${code}`);
  }
}
