import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addressHash } from '../../../shared/domain/messaging/address.ts';
import { LATER } from '../../../shared/domain/messaging/policy/check.ts';
import { emptyProfile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { journey, message, template, World } from '../engine/world.ts';

const ann = { email: 'ann@example.com' };
const consent = (state: string) => ({ channel: 'email', topic: 'news', state, at: 1, source: 'form' });

interface Life {
  readonly policy?: object;
  readonly step?: object;
  readonly more?: object;
  readonly traits?: object;
  readonly consent?: string;
  readonly templates?: readonly ReturnType<typeof template>[];
  readonly dead?: 'bounce' | 'complaint';
  /** How often it is signed up. */
  readonly times?: number;
}

/** How a customer comes to each of them. */
const lives: { readonly [code: string]: Life } = {
  'channel.no-endpoint': { step: { channels: ['webhook'] } },
  'template.missing': { step: { template: 'nothing' } },
  'template.no-variant': { templates: [template('hello', ['push'])] },
  'consent.withdrawn': { consent: 'withdrawn' },
  'consent.pending': { consent: 'pending' },
  'consent.missing': { step: { channels: ['sms'] } },
  'address.missing': { traits: {} },
  'address.invalid': { traits: { email: 'ann at example' } },
  'suppressed.bounce': { dead: 'bounce' },
  'suppressed.complaint': { dead: 'complaint' },
  'age.too-young': { traits: { ...ann, age: 12 }, policy: { minimumAge: 16 } },
  'age.unknown': { policy: { minimumAge: 16, unknownAge: 'refuse' } },
  'holdout.out': {
    policy: { holdout: { percent: 100, group: 'none' } },
    more: { steps: { a: message('b'), b: message('end', { topic: 'account' }) } },
  },
  'cap.zero': { policy: { caps: [{ max: 0, per: 'day' }] } },
  'cap.reached': { policy: { caps: [{ max: 1, per: 'day' }] }, times: 2 },
  'cap.reserved-for': { policy: { caps: [{ max: 1, per: 'day' }] }, more: { priority: 10 } },
  'cap.journey': { more: { limits: { messagesPerProfile: [{ max: 1, per: 'P1D' }] } }, times: 2 },
  'gap.too-soon': { policy: { gap: { between: 'PT1H' } }, times: 2 },
  'quiet-hours': { policy: { quietHours: [{ from: '09:00', to: '11:00' }] } },
  'closed-date': { policy: { closedDates: [{ dates: ['2026-11-22'] }] } },
  'quiet-hours.always': { policy: { quietHours: [{ from: '00:00', to: '00:00' }] } },
  'sending.windows': { more: { sending: { windows: [{ from: '12:00', to: '13:00' }] } } },
  'sending.closed-date': { more: { sending: { closedDates: ['2026-11-22'] } } },
};

/** Waits with a message behind, and comes first. */
const rival = journey({
  id: 'rival',
  steps: { w: { type: 'wait', for: 'PT10M', next: 'a' }, a: message() },
});

function reasonsOf(code: string, life: Life) {
  const one = journey({
    reentry: { again: 'after-exit', whileInside: 'restart' },
    steps: { a: message('end', life.step) },
    ...life.more,
  });
  const w = new World({
    journeys: code === 'cap.reserved-for' ? [one, rival] : [one],
    ...(life.policy && { policy: life.policy }),
    ...(life.templates && { templates: life.templates }),
  });
  if (life.dead !== undefined) {
    const deadAddresses = { [addressHash('email', ann.email)]: life.dead };
    w.profiles.set(profileKey('user', 'ann'), { ...emptyProfile, deadAddresses });
  }
  w.identify('ann', { ...(life.traits ?? ann) } as never);
  if (life.consent) w.tell('ann', { t: 'consent', id: 'c', at: 1, consents: [consent(life.consent)] } as never);
  for (let time = 0; time < (life.times ?? 1); time += 1) w.track('ann', 'Signed Up');
  return w.reasons;
}

/** Every code that a check answers with, as its source has it. */
function codesInSource(): string[] {
  const folder = join(import.meta.dirname, '../../../shared/domain/messaging/policy');
  const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const written = sources.flatMap((text) => [
    ...text.matchAll(/\b(?:no|hold|quiet|holiday|windows|closed): '([a-z.-]+)'/g),
  ]);
  return [...new Set(written.map(([, code]) => code!))].sort();
}

describe('G7: every no says what would have made it a yes', () => {
  it.each(Object.entries(lives))('%s', (code, life) => {
    const reason = reasonsOf(code, life).find((one) => one.code === code);
    expect(reason, 'the check answers').toBeDefined();
    expect(reason!.fix, 'and says what to do').toMatch(/\w{3,} \w+/);
    if (reason!.fix!.startsWith(LATER)) expect(reason!.fix).toMatch(/; .+ to send it now$/);
    expect(reason).toMatchObject({ message: expect.any(String), topic: 'news', channel: expect.any(String) });
  });

  it('knows them all', () => {
    const found = codesInSource();
    expect(found.length).toBeGreaterThan(12);
    expect(found.filter((code) => !Object.hasOwn(lives, code))).toEqual([]);
    // Made of what they found: consent.<state>, suppressed.<reason>.
    expect(
      Object.keys(lives)
        .filter((code) => !found.includes(code))
        .map((code) => code.split('.')[0]),
    ).toEqual(['consent', 'consent', 'consent', 'suppressed', 'suppressed']);
  });
});
