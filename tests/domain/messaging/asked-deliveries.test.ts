import { describe, expect, it } from 'vitest';
import { withVersions } from '../../../shared/domain/compiled-catalog.ts';
import { asksOfDelivery } from '../../../shared/domain/messaging/asked-deliveries.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { journey, message, type Setting, World } from '../engine/world.ts';

const plain = journey({ id: 'plain', steps: { hello: message() } });
const waitsFor = (was: string) =>
  journey({
    id: 'waits',
    steps: {
      hello: message('wait'),
      wait: {
        type: 'wait-for',
        any: [{ on: 'message', step: 'hello', was, next: 'end' }],
        within: 'P1D',
        timeout: 'end',
      },
    },
  });
const branches = (predicate: string) =>
  journey({
    id: 'branches',
    steps: { check: { type: 'branch', cases: [{ if: predicate, next: 'end' }], else: 'end' } },
  });

const asks = (setting: Setting, profile: Profile = emptyProfile): boolean =>
  asksOfDelivery(profile, new World({ ...setting, journeys: [plain, ...(setting.journeys ?? [])] }).catalog);

describe('what was delivered is asked for', () => {
  it.each<[string, Setting]>([
    ['a wait of a live journey', { journeys: [waitsFor('delivered')] }],
    ['a branch', { journeys: [branches('delivered email in last 30 days')] }],
    ['a segment, of which nobody makes use', { segments: { reached: 'delivered topic news ever' } }],
    [
      'a computed trait',
      { computed: [{ id: 'reached', function: 'count', of: { message: {}, was: 'delivered' }, within: 'P30D' }] },
    ],
    [
      'the order of channels',
      { policy: { channelOrder: [{ if: 'delivered email ever', order: ['email'] }] as never } },
    ],
  ])('by %s', (_what, setting) => {
    expect(asks(setting)).toBe(true);
  });

  it.each<[string, Setting]>([
    ['at all', {}],
    ['by who asks for something else', { journeys: [waitsFor('opened'), branches('clicked email ever')] }],
    ['by segments of other things', { segments: { active: 'did "Bought" ever', sent: 'sent email ever' } }],
  ])('not %s', (_what, setting) => {
    expect(asks(setting)).toBe(false);
  });

  it('by the version that a run of this customer is on, whatever the live one asks', () => {
    const world = new World({ journeys: [waitsFor('delivered')] });
    world.identify('ada', { email: 'ada@mail.example' });
    world.track('ada', 'Signed Up');
    world.publish(waitsFor('opened'));
    const older = { id: 'waits', version: 1, document: waitsFor('delivered') };
    const catalog = withVersions(world.catalog, [older]);
    expect(world.run('ada').step).toBe('wait');
    expect(asksOfDelivery(world.profile('ada'), catalog)).toBe(true);
    expect(asksOfDelivery(emptyProfile, catalog)).toBe(false);
  });
});
