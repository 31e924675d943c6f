import type { MailRecord } from '../../domain/mail-record.ts';
import { Transient } from '../../kernel/errors.ts';
import { digest, type ProfileKey } from '../../kernel/ids.ts';
import type { ScanPorts } from './scan-kind.ts';

export interface Told {
  readonly to: ProfileKey;
  /** The profile that the scan found: one record of a kind about each … */
  readonly about: ProfileKey;
  readonly t: MailRecord['t'];
  /** … or one for each such instant. */
  readonly due?: number;
  record(id: string): MailRecord;
}

/**
 * Mail to what a page found. The same job tells the same under the same ids, so that a page that is done again within
 * five minutes sends nothing twice, and two jobs are never taken for one (SQS, deduplication).
 */
export async function tellFound(
  job: { readonly id: string },
  told: readonly Told[],
  { clock, mailbox }: Pick<ScanPorts, 'clock' | 'mailbox'>,
): Promise<void> {
  if (told.length === 0) return;
  const mails = told.map(({ to, about, t, due, record }) => {
    const id = digest('scan', job.id, t, about, to, ...(due === undefined ? [] : [String(due)]));
    return { id, mail: { schema: 1, key: to, received: clock(), hop: 0, records: [record(id)] } as const };
  });
  const refused = await mailbox.send(mails);
  if (refused.length > 0) throw new Transient('scan.refused', `${refused.length} of ${mails.length} mails refused`);
}
