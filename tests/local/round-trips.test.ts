import { describe, expect, it } from 'vitest';
import { RoundTrips } from '../../local/functions/round-trips.ts';

describe('round trips of an invocation', () => {
  it('counts calls that were made one after the other', () => {
    const trips = new RoundTrips();
    for (let i = 0; i < 3; i++) trips.begin()();
    expect(trips.longest).toBe(3);
  });

  it('counts what is under way together once', () => {
    const trips = new RoundTrips();
    const ends = [trips.begin(), trips.begin(), trips.begin()];
    for (const end of ends) end();
    expect(trips.longest).toBe(1);
    trips.begin();
    expect(trips.longest).toBe(2);
  });

  it('follows the longest chain, not the last', () => {
    const trips = new RoundTrips();
    const slow = trips.begin();
    trips.begin()();
    trips.begin()();
    slow();
    trips.begin();
    expect(trips.longest).toBe(3);
  });

  it('begins anew with the next invocation', () => {
    const trips = new RoundTrips();
    trips.begin()();
    trips.reset();
    expect(trips.longest).toBe(0);
    trips.begin();
    expect(trips.longest).toBe(1);
  });
});
