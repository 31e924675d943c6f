/** What no code may catch and go on from: the invocation is over. */
class Died extends Error {}

const never = () => new Promise<never>(() => undefined);

export type Mortal = ReturnType<typeof mortal>;

/** Invocations that are killed behind one of their calls to AWS: that call is done, and no other. */
export function mortal() {
  let left = Number.POSITIVE_INFINITY;
  let die = (): void => undefined;

  async function call<T>(done: () => Promise<T>): Promise<T> {
    if (left <= 0) return never();
    left -= 1;
    const isLast = left === 0;
    try {
      const answer = await done();
      if (!isLast) return answer;
    } catch (error) {
      if (!isLast) throw error;
    }
    die();
    return never();
  }

  async function lives<T>(calls: number, invocation: () => Promise<T>): Promise<{ readonly answer: T } | 'died'> {
    const killed = new Promise<never>((_, reject) => {
      die = () => reject(new Died());
    });
    left = calls;
    try {
      return { answer: await Promise.race([invocation(), killed]) };
    } catch (error) {
      if (error instanceof Died) return 'died';
      throw error;
    } finally {
      left = Number.POSITIVE_INFINITY;
    }
  }

  return {
    /** The same store, queue or client, whose calls count. */
    port: <P extends object>(port: P): P =>
      new Proxy(port, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]) => call(async () => Reflect.apply(member, target, args));
        },
      }),
    /**
     * Begun again as Step Functions does, until it lives to its end. The first is killed behind its first call, and each behind
     * one more than the one before: before the first is behind the last of the invocation before it.
     */
    async tried<T>(invocation: () => Promise<T>): Promise<{ readonly answer: T; readonly deaths: number }> {
      for (let calls = 1; ; calls++) {
        const end = await lives(calls, invocation);
        if (end !== 'died') return { ...end, deaths: calls - 1 };
      }
    },
  };
}
