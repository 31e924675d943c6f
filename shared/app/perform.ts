import type { Effect, MessageRequest, Reason } from '../domain/decision.ts';
import { digest, type ProfileKey } from '../kernel/ids.ts';
import type {
  CarriedEntry,
  Clock,
  ConsentStore,
  Mailbox,
  MessageQueues,
  Metrics,
  Pending,
  Refusal,
  SuppressionStore,
  Timers,
} from './ports.ts';

export interface PerformPorts {
  readonly clock: Clock;
  readonly mailbox: Mailbox;
  readonly messageQueues: MessageQueues;
  readonly timers: Timers;
  readonly suppressions: SuppressionStore;
  readonly consents: ConsentStore;
  readonly metrics: Metrics;
}

type Mailing = Pick<Of<'mail'>, 'id' | 'to' | 'record'>;
type Of<E extends Effect['e']> = Extract<Effect, { readonly e: E }>;

/**
 * Protocol, step 7. Effects of one kind keep their order and share batch calls; kinds do not depend on each other,
 * so that any part of them may be done when a crash comes. What a service refuses for good is recorded and never
 * blocks the profile: the reasons are for the journal.
 *
 * @param entry goes with the messages.
 */
export async function perform(
  key: ProfileKey,
  { eff: effects, hop, unasked }: Pick<Pending, 'eff' | 'hop' | 'unasked'>,
  ports: PerformPorts,
  entry?: CarriedEntry,
): Promise<Reason[]> {
  const of = <E extends Effect['e']>(kind: E) => effects.filter((effect): effect is Of<E> => effect.e === kind);
  const reasons: Reason[] = [];
  const note = (refusals: readonly Refusal[], kind: Effect['e'], message?: (index: number) => string) => {
    for (const { index, code } of refusals) {
      reasons.push({
        code: 'effect.refused',
        saw: { effect: kind, code },
        ...(message && { message: message(index) }),
      });
    }
    if (refusals.length > 0) ports.metrics.count('EffectsRefused', refusals.length);
  };

  const mails: Mailing[] = of('mail');
  const messages = of('message').map((effect) => effect.message);
  if (messages.length > 0) {
    const refusals = await ports.messageQueues.send(
      messages.map((request) => ({ schema: 1, hop, request, ...(unasked && { unasked }), ...(entry && { entry }) })),
    );
    note(refusals, 'message', (index) => messages[index]!.id);
    // The actor is told what `send` would have told it.
    mails.push(...refusals.map(({ index, code }) => failedInQueue(key, messages[index]!, code, ports.clock())));
  }
  const wakes = of('wake');
  if (wakes.length > 0) note(await ports.timers.arm(wakes.map(({ due }) => ({ key, due }))), 'wake');
  if (mails.length > 0) {
    const received = ports.clock();
    const refusals = await ports.mailbox.send(
      mails.map(({ id, to, record }) => ({
        id,
        mail: { schema: 1, key: to, received, hop: hop + 1, records: [record] },
      })),
    );
    note(refusals, 'mail');
  }
  for (const { channel, addressHash, topic, reason } of of('suppress')) {
    await ports.suppressions.put({ channel, addressHash, topic, reason, at: ports.clock() });
  }
  for (const { statement } of of('statement')) await ports.consents.put(key, statement);
  return reasons;
}

function failedInQueue(key: ProfileKey, request: MessageRequest, reason: string, at: number): Mailing {
  const { id: message, origin, decidedAt, channel, topic, webhook } = request;
  const id = digest(message, 'failed', 'queue');
  const from = {
    ...(origin !== undefined && { origin }),
    ...(webhook === undefined && { topic }),
  };
  return {
    id,
    to: key,
    record: { t: 'outcome', id, at, message, outcome: 'failed', reason, decidedAt, channel, ...from },
  };
}
