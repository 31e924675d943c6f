import type { Json } from '../../kernel/canonical-json.ts';
import type { Circle, Geofence } from './place.ts';

export interface Point {
  readonly lat: number;
  readonly lon: number;
}

/**
 * A place in degrees (WGS 84), as traits and events write it: `{lat, lon}`, `{lat, lng}` or `{latitude, longitude}`
 * (Segment Spec, "Context": location). Undefined for anything else.
 */
export function pointOf(value: Json | undefined): Point | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const given = value as { readonly [key: string]: Json };
  const lat = given['lat'] ?? given['latitude'];
  const lon = given['lon'] ?? given['lng'] ?? given['longitude'];
  if (typeof lat !== 'number' || typeof lon !== 'number') return undefined;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : undefined;
}

export const isInCircle = (point: Point, circle: Circle): boolean => distanceKm(point, circle) <= circle.km;

export function isInside(point: Point, fence: Geofence): boolean {
  return 'circle' in fence ? isInCircle(point, fence.circle) : isInPolygon(point, fence.polygon);
}

/** Mean radius (IUGG). A sphere: up to 0.5 % off, which no customer's position knows better. */
const EARTH_RADIUS_KM = 6371.0088;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance by the haversine formula, which is exact for short ways too. */
export function distanceKm(a: Point, b: Point): number {
  const half = (from: number, to: number) => Math.sin(radians(to - from) / 2) ** 2;
  const h = half(a.lat, b.lat) + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * half(a.lon, b.lon);
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Even-odd rule: how often a line to the west crosses the border. Degrees are taken for a plane. */
function isInPolygon({ lat, lon }: Point, corners: readonly (readonly [lat: number, lon: number])[]): boolean {
  let inside = false;
  for (const [i, [latA, lonA]] of corners.entries()) {
    const [latB, lonB] = corners[(i + 1) % corners.length]!;
    if (latA > lat === latB > lat) continue;
    if (lon > lonA + ((lat - latA) / (latB - latA)) * (lonB - lonA)) inside = !inside;
  }
  return inside;
}
