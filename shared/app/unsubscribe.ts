import type { Topic } from '../domain/messaging/topic.ts';
import { digest, isTestKey } from '../kernel/ids.ts';
import { DAY_MS } from '../kernel/time.ts';
import type { Clock, Mailbox, SuppressionStore } from './ports.ts';
import type { LinkClaims, SignedLinks } from './signed-links.ts';

export interface UnsubscribePorts {
  readonly now: Clock;
  readonly links: SignedLinks;
  readonly suppressions: SuppressionStore;
  readonly mailbox: Mailbox;
  readonly topic: (id: string) => Promise<Topic | undefined>;
}

export interface UnsubscribeQuestion {
  readonly claims: LinkClaims;
  /** For people; the topic's id when it has no name, or is gone. */
  readonly topicName: string;
}

/** What a link is for; a GET does no more than this (scanners follow links). undefined: not a link of ours. */
export async function askUnsubscribe(token: string, ports: UnsubscribePorts): Promise<UnsubscribeQuestion | undefined> {
  const claims = await ports.links.read('unsubscribe', token);
  if (claims === undefined) return undefined;
  const topic = await ports.topic(claims.topic);
  return { claims, topicName: topic?.name ?? claims.topic };
}

/**
 * Withdraws. The suppression comes first: `send` reads it at once, while the consent record still waits in the mailbox
 * (G10). Both are idempotent, so a click that comes twice, or a mail program that tries again, changes nothing.
 *
 * `via`: `one-click` is the mail program's POST (RFC 8058), `link` the button on our page.
 */
export async function unsubscribe(
  token: string,
  via: 'one-click' | 'link',
  ports: UnsubscribePorts,
): Promise<UnsubscribeQuestion | undefined> {
  const question = await askUnsubscribe(token, ports);
  if (question === undefined) return undefined;
  const { profile, channel, topic, addressHash, message } = question.claims;
  const at = ports.now();
  // The button in a test's mail is the customer's of the test, not its author's.
  if (!isTestKey(profile)) await ports.suppressions.put({ channel, addressHash, topic, reason: 'unsubscribe', at });
  // One record a day and link: repetitions fall together, and whoever subscribes anew can leave again tomorrow.
  const id = digest('unsubscribe', message, topic, addressHash, String(Math.floor(at / DAY_MS)));
  const consents = [{ channel, topic, state: 'withdrawn', at, source: via, evidence: message }] as const;
  await ports.mailbox.send([
    { id, mail: { schema: 1, key: profile, received: at, hop: 0, records: [{ t: 'consent', id, at, consents }] } },
  ]);
  return question;
}

/** RFC 8058 3.1: the body of the mail program's POST is exactly this, as a form. */
export function isOneClick(body: string): boolean {
  return new URLSearchParams(body).get('List-Unsubscribe') === 'One-Click';
}
