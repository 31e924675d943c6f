import { SECOND_MS } from '../kernel/time.ts';
import { timing } from '../resources.ts';
import { isSettled, madeOf, messageRecord, type ReportPorts, report } from './outcome.ts';
import type { MessageRecord, MessageStore } from './ports.ts';
import type { MessageDelivery } from './send.ts';

export interface SettleUndeliveredPorts extends ReportPorts {
  readonly messages: MessageStore;
}

/**
 * What a message queue gave up still gets an outcome (guarantee G7): `failed.exhausted` when certainly nothing was
 * handed over, `unknown` when a sender died over it. A claim that is young, or changes meanwhile, is looked at later; for
 * one of another copy that copy answers.
 */
export async function settleUndelivered(
  delivery: MessageDelivery,
  ports: SettleUndeliveredPorts,
): Promise<'ack' | 'again'> {
  const { request } = delivery;
  const end = async (
    st: 'failed' | 'unknown',
    why: string,
    expected: Parameters<MessageStore['put']>[1],
    more: Partial<MessageRecord> = {},
  ) => {
    const record = messageRecord(delivery, st, ports.clock(), { why, ...more });
    if (!(await ports.messages.put(record, expected))) return false;
    await report(record, delivery, ports, 'first');
    return true;
  };
  if (await end('failed', 'failed.exhausted', 'absent')) return 'ack';

  const found: MessageRecord | undefined = await ports.messages.read(request.key, request.id);
  if (found === undefined) return 'again';
  if (isSettled(found, delivery)) {
    await report(found, delivery, ports);
    return 'ack';
  }
  const expected = [{ st: found.st, by: found.by }];
  if (found.st !== 'handing') return (await end('failed', 'failed.exhausted', expected)) ? 'ack' : 'again';
  const isYoung = ports.clock() < found.at + timing.claimGraceSeconds * SECOND_MS;
  return !isYoung && (await end('unknown', 'sender.died', expected, madeOf(found))) ? 'ack' : 'again';
}
