import * as z from 'zod';

/**
 * Push notifications. Keys of Apple and Google are given to the application by people (docs/push.md): no template and no
 * function of ours holds them.
 */
export const Push = z.strictObject({
  /** Of AWS End User Messaging Push. `create`: the messaging stack makes one, which has not been tried on AWS. */
  app: z.union([
    z.literal('create'),
    z.string().regex(/^[a-f0-9]{32}$/, "must be 'create', or the id of an application, 32 of 0-9 and a-f"),
  ]),
  /** Which environment of Apple's the tokens are of that apps tell: builds from Xcode have tokens of the sandbox. */
  apns: z.enum(['production', 'sandbox']).default('production'),
});
export type Push = z.infer<typeof Push>;
