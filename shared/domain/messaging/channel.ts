import * as z from 'zod';

export const Channel = z.enum(['email', 'sms', 'push', 'in-app', 'webhook']).meta({ id: 'Channel' });
export type Channel = z.infer<typeof Channel>;
