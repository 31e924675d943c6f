import * as z from 'zod';
import { oneOf } from '../../kernel/one-of.ts';

const Latitude = z.number().min(-90).max(90);
const Longitude = z.number().min(-180).max(180);
/** Half of the earth's circumference: nothing is farther away. */
export const Circle = z.strictObject({ lat: Latitude, lon: Longitude, km: z.number().positive().max(20_040) });
export type Circle = z.infer<typeof Circle>;

/** A named area: a circle, or a polygon whose last corner is joined to the first and which does not cross 180° of longitude. */
export const Geofence = oneOf([
  z.strictObject({ circle: Circle }),
  z.strictObject({
    polygon: z
      .array(z.tuple([Latitude, Longitude]))
      .min(3)
      .max(100),
  }),
]);
export type Geofence = z.infer<typeof Geofence>;
