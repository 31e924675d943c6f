import { describe, expect, it } from 'vitest';
import { withoutWords, withPrivateErrors } from '../../../functions/edge/private-errors.ts';
import { NotFound } from '../../../shared/kernel/errors.ts';

const secret = 'ann@mail.example';
const parsing = () => {
  try {
    return JSON.parse(`{"email": ${secret}`) as never;
  } catch (error) {
    return error as Error;
  }
};
const several = () => new TypeError(`one\n    at ${secret} of a text\n    at ${secret} (file:///x.ts:1:1)`);
const later = () => Object.assign(new RangeError('first'), { message: secret, cause: new Error(secret), item: secret });

describe('errors that others wrote', () => {
  it.each([
    ['the parser quotes what it reads', parsing],
    ['a text of several lines that look like frames', several],
    ['what is added to an error later', later],
  ])('%s: only name and places are kept', (_, make) => {
    const error = make();
    const bare = withoutWords(error);
    expect(bare.name).toBe(error.name);
    expect(bare.stack).toContain('private-errors.test.ts');
    expect(JSON.stringify([bare, bare.stack, bare.message, bare.cause])).not.toContain(secret);
  });

  it.each([secret, undefined, { secret }])('what is no error (%#) is named by its type', (thrown) => {
    expect(withoutWords(thrown).message).toBe(typeof thrown);
  });

  it('leave a handler without what they say; ours, which name nobody, stay', async () => {
    const failing = (error: unknown) => withPrivateErrors(() => Promise.reject(error))();
    await expect(failing(new Error(secret))).rejects.toThrow(/^Error$/);
    const ours = new NotFound('profile.unknown', 'there is no such profile');
    await expect(failing(ours)).rejects.toBe(ours);
  });
});
