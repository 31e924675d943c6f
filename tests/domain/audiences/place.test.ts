import { describe, expect, it } from 'vitest';
import { distanceKm, isInside, pointOf } from '../../../shared/domain/audiences/point.ts';
import fc from '../../property.ts';

const berlin = { lat: 52.52, lon: 13.405 };

describe('pointOf', () => {
  it.each([
    [
      { lat: 1, lon: 2 },
      { lat: 1, lon: 2 },
    ],
    [
      { lat: 1, lng: 2 },
      { lat: 1, lon: 2 },
    ],
    [
      { latitude: 1, longitude: 2, speed: 0 },
      { lat: 1, lon: 2 },
    ],
    [{ lat: '1', lon: 2 }, undefined],
    [{ lat: 91, lon: 2 }, undefined],
    [{ lat: 1, lon: -181 }, undefined],
    [{ lat: 1 }, undefined],
    [[1, 2], undefined],
    ['1,2', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('of %j is %j', (value, point) => expect(pointOf(value)).toEqual(point));
});

describe('distanceKm', () => {
  /** A degree of a great circle is 2πR/360 km, so these need no tables. */
  const degree = (2 * Math.PI * 6371.0088) / 360;
  it.each([
    [{ lat: 0, lon: 0 }, { lat: 0, lon: 1 }, degree],
    [{ lat: 10, lon: 20 }, { lat: 11, lon: 20 }, degree],
    [{ lat: 0, lon: 179.5 }, { lat: 0, lon: -179.5 }, degree],
    [{ lat: 90, lon: 0 }, { lat: -90, lon: 77 }, 180 * degree],
    [{ lat: 60, lon: 0 }, { lat: 60, lon: 180 }, 60 * degree],
    [berlin, berlin, 0],
  ])('from %j to %j', (a, b, km) => expect(distanceKm(a, b)).toBeCloseTo(km, 6));

  it('is the same in both directions, and no way round is shorter', () => {
    const point = fc.record({
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
      lon: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(point, point, point, (a, b, c) => {
        expect(distanceKm(a, b)).toBeCloseTo(distanceKm(b, a), 6);
        expect(distanceKm(a, b)).toBeLessThanOrEqual(distanceKm(a, c) + distanceKm(c, b) + 1e-6);
      }),
    );
  });
});

describe('isInside', () => {
  /** A square with a notch from the north. */
  const notched = {
    polygon: [
      [0, 0],
      [0, 10],
      [10, 10],
      [2, 5],
      [10, 0],
    ] as [number, number][],
  };
  it.each([
    [{ lat: 1, lon: 5 }, true],
    [{ lat: 5, lon: 5 }, false],
    [{ lat: 9, lon: 0.5 }, true],
    [{ lat: 9, lon: 9.5 }, true],
    [{ lat: -1, lon: 5 }, false],
    [{ lat: 5, lon: 11 }, false],
  ])('%j in a polygon with a notch: %s', (point, inside) => expect(isInside(point, notched)).toBe(inside));

  it.each([
    [berlin, true],
    [{ lat: 52.4, lon: 13.06 }, true],
    [{ lat: 53.55, lon: 9.99 }, false],
  ])('%j within 30 km of Berlin: %s', (point, inside) =>
    expect(isInside(point, { circle: { ...berlin, km: 30 } })).toBe(inside),
  );

  it('takes the corners in either direction and from any of them', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 12, noNaN: true }),
        fc.double({ min: -2, max: 12, noNaN: true }),
        fc.nat(4),
        (lat, lon, from) => {
          const turned = [...notched.polygon.slice(from), ...notched.polygon.slice(0, from)];
          const onBorder = [0, 10].includes(lat) || [0, 10].includes(lon);
          fc.pre(!onBorder);
          expect(isInside({ lat, lon }, { polygon: turned })).toBe(isInside({ lat, lon }, notched));
          expect(isInside({ lat, lon }, { polygon: turned.toReversed() })).toBe(isInside({ lat, lon }, notched));
        },
      ),
    );
  });
});
