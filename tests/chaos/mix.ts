import type { Fault, ObservedCall, WebhookFault } from '../../local/cloud.ts';
import { chance } from '../../shared/kernel/ids.ts';

/**
 * What providers do to calls, drawn from a seed: most take the message, the others do one of this. Each says whether the
 * provider has the message then, and whether the caller can know.
 */
interface Misdeed<F> {
  readonly share: number;
  readonly fault: F;
  readonly took: boolean;
  /** Nobody can tell: the message must end as `unknown`. */
  readonly isAmbiguous: boolean;
  /** So often at most, because it costs seconds of real time. */
  readonly most?: number;
}

const SLOW_MS = 150;

const ofAws: { readonly [what: string]: Misdeed<Fault> } = {
  throttled: { share: 0.08, fault: 'throttle', took: false, isAmbiguous: false },
  'wrong credentials': {
    share: 0.05,
    fault: { code: 'UnrecognizedClientException', status: 403 },
    took: false,
    isAmbiguous: false,
  },
  slow: { share: 0.05, fault: { delayMs: SLOW_MS }, took: true, isAmbiguous: false },
  '500': { share: 0.05, fault: 'error-500', took: false, isAmbiguous: true },
  '500 after accepting': {
    share: 0.05,
    fault: { code: 'InternalFailure', status: 500, afterEffect: true },
    took: true,
    isAmbiguous: true,
  },
  'reset before accepting': { share: 0.04, fault: 'reset', took: false, isAmbiguous: true },
  'reset after accepting': { share: 0.05, fault: 'lose-answer', took: true, isAmbiguous: true },
  'no answer after accepting': { share: 0.05, fault: 'hang', took: true, isAmbiguous: true, most: 1 },
};

const ofEndpoints: { readonly [what: string]: Misdeed<WebhookFault> } = {
  throttled: {
    share: 0.08,
    fault: { status: 429, headers: { 'retry-after': '20' } },
    took: false,
    isAmbiguous: false,
  },
  'wrong credentials': { share: 0.05, fault: { status: 401 }, took: false, isAmbiguous: false },
  slow: { share: 0.05, fault: { delayMs: SLOW_MS }, took: true, isAmbiguous: false },
  // An endpoint answers 5xx for what it did not take; a repetition has the same `webhook-id` (Standard Webhooks 1.0).
  '500': { share: 0.1, fault: { status: 500 }, took: false, isAmbiguous: false },
  'reset before accepting': { share: 0.04, fault: 'reset', took: false, isAmbiguous: true },
  'reset after accepting': { share: 0.05, fault: 'lose-answer', took: true, isAmbiguous: true },
  'no answer after accepting': { share: 0.05, fault: 'hang', took: true, isAmbiguous: true, most: 2 },
};

/** How often each was done: the first of the counts that are compared. */
export class Mischief<F> {
  readonly done = new Map<string, number>();
  readonly #misdeeds: { readonly [what: string]: Misdeed<F> };
  readonly #seed: string;
  #calls = 0;

  constructor(misdeeds: { readonly [what: string]: Misdeed<F> }, seed: string) {
    this.#misdeeds = misdeeds;
    this.#seed = seed;
  }

  next(): F | undefined {
    this.#calls += 1;
    let left = chance('chaos', this.#seed, String(this.#calls));
    for (const [what, { share, fault, most = Number.POSITIVE_INFINITY }] of Object.entries(this.#misdeeds)) {
      left -= share;
      const times = this.done.get(what) ?? 0;
      if (left >= 0 || times >= most) continue;
      this.done.set(what, times + 1);
      return fault;
    }
    return undefined;
  }

  count(isMeant: (one: Misdeed<F>) => boolean): number {
    return [...this.done].reduce((sum, [what, times]) => sum + (isMeant(this.#misdeeds[what]!) ? times : 0), 0);
  }
}

export function mischief(seed: string) {
  const email = new Mischief(ofAws, `${seed} email`);
  const sms = new Mischief(ofAws, `${seed} sms`);
  const push = new Mischief(ofAws, `${seed} push`);
  const webhook = new Mischief(ofEndpoints, `${seed} webhook`);
  const byAction = new Map([
    ['ses:SendEmail', email],
    ['sms-voice:SendTextMessage', sms],
    ['mobiletargeting:SendMessages', push],
  ]);
  const onCall = ({ action }: ObservedCall): Fault => byAction.get(action)?.next() ?? 'pass';
  return { email, push, sms, webhook, onCall, onWebhook: (): WebhookFault => webhook.next() ?? 'pass' };
}
