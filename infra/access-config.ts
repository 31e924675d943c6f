import * as z from 'zod';

/** What is left of the 4 KB of environment of the function that opens sessions (Lambda quotas). */
const ROLES_BYTES = 3_000;

const Principal = z
  .string()
  .max(300)
  .regex(
    /^arn:aws[a-z-]*:iam::\d{12}:(user|role)\/[\w+=,.@*-]+$/,
    "must be the ARN of a user or a role, without a path, for example arn:aws:iam::123456789012:role/Marketing; of a role that was taken (arn:aws:sts::…:assumed-role/…) it is the role's",
  )
  .regex(/\/[^*]{3}/, 'must begin with three characters of a name: * alone would let in the whole account');
const Principals = z.array(Principal).min(1).max(50);

export const Roles = z
  .strictObject({
    marketer: Principals.exactOptional(),
    publisher: Principals.exactOptional(),
    operator: Principals.exactOptional(),
    privacy: Principals.exactOptional(),
  })
  .check(({ value, issues }) => {
    const size = Buffer.byteLength(JSON.stringify(value));
    if (size <= ROLES_BYTES) return;
    issues.push({ code: 'custom', message: `must fit into ${ROLES_BYTES} bytes`, input: size });
  });
