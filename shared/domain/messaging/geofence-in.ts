import type { Geofence } from '../audiences/place.ts';
import type { Policy } from './policy.ts';

export const geofenceIn = ({ geofences }: Pick<Policy, 'geofences'>, id: string): Geofence | undefined =>
  geofences !== undefined && Object.hasOwn(geofences, id) ? geofences[id] : undefined;
