import type { Reason } from '../../domain/decision.ts';
import { parseInstant } from '../../kernel/time.ts';
import { wallTime } from '../../kernel/wall-time.ts';
import type { Trace } from '../trace.ts';

/** A life as lines that a person reads: when, what happened, what came of it. Times are the customer's. */
export function storyOf(trace: Trace, broken: string): string[] {
  const time = (text: string | number) => wallTime(typeof text === 'number' ? text : parseInstant(text)!, trace.zone);
  const lines = trace.entries.flatMap(({ at, what, record, reasons }) => {
    const outcome = reasons.flatMap((reason) => inWords(reason, trace, time) ?? []);
    if (outcome.length === 0 && (record === 'wake' || record === 'receipt')) return [];
    return [`${time(at)}  ${what}`, ...outcome.map((line) => `${' '.repeat(20)}  → ${line}`)];
  });
  return [...lines, `${' '.repeat(20)}  ✗ ${broken} (times in this story: ${trace.zone})`];
}

function inWords(reason: Reason, trace: Trace, time: (at: number) => string): string | undefined {
  const { code, journey, step, message, saw } = reason;
  const place = step === undefined ? journey : `${journey} / ${step}`;
  if (code === 'entry.entered') return `enters ${journey}`;
  if (code === 'message.decided') {
    const sent = trace.messages.find(({ id }) => id === message);
    return `gets ${sent?.template ?? 'a call'} by ${reason.channel} (${place})`;
  }
  if (code.startsWith('exit.')) return `leaves ${place}: ${code.slice('exit.'.length)}`;
  if (code.startsWith('step.') && isDue(saw)) {
    return `${code === 'step.held' ? 'is held' : 'waits'} at ${place} until ${time(saw.due)}`;
  }
  if (code.startsWith('step.') || code.startsWith('receipt.') || code === 'consent.recorded') return undefined;
  return place === undefined ? code : `${code} (${place})`;
}

const isDue = (saw: Reason['saw']): saw is { readonly due: number } =>
  typeof saw === 'object' && saw !== null && 'due' in saw && typeof saw.due === 'number';
