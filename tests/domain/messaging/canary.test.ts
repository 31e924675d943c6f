import { describe, expect, it } from 'vitest';
import { canaryMessageId } from '../../../shared/domain/messaging/canary.ts';
import { CANARY, canaryKey } from '../../../shared/domain/profiles/canary.ts';
import { emptyProfile } from '../../../shared/domain/profiles/profile.ts';
import { World } from '../engine/world.ts';

describe('the canary', () => {
  const sent = '2026-11-26T09:00:00.000Z';

  it('has one message for each event, and its profile does not grow while nothing comes back', () => {
    const world = new World();
    for (const id of ['one', 'two', 'three']) world.track(CANARY.userId, CANARY.event, {}, { id, sent });
    expect(world.messages.map(({ id }) => id)).toEqual(['one', 'two', 'three'].map(canaryMessageId));
    expect(world.messages[0]).toMatchObject({ canary: true, channel: 'in-app', values: { entry: { sent } } });
    expect(world.profiles.get(canaryKey)!.sends).toHaveLength(1);
  });

  it('is nobody else, and no other event', () => {
    const world = new World();
    world.track('ann', CANARY.event, {}, { sent });
    world.track(CANARY.userId, 'Order Completed', {}, { sent });
    expect(world.messages).toEqual([]);
    expect((world.profiles.get(canaryKey) ?? emptyProfile).sends).toEqual([]);
  });
});
