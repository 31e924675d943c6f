import type { MessageFact } from '../audiences/message-clauses.ts';
import type { ToldRecord } from '../mail-record.ts';

type Receipt = Extract<ToldRecord, { readonly t: 'receipt' }>;
type ReceivedFact = MessageFact & { readonly was: Exclude<MessageFact['was'], 'sent'> };

/** What predicates and computed traits can ask of it; undefined where it is none of that. */
export function factOfReceipt({ was, at, channel, topic, journey, step, machine }: Receipt): ReceivedFact | undefined {
  if (was === 'delayed' || was === 'complained' || was === 'rejected') return undefined;
  return {
    was,
    at,
    channel,
    ...(topic !== undefined && { topic }),
    ...(journey !== undefined && { journey }),
    ...(step !== undefined && { step }),
    ...(machine && { machine }),
  };
}
