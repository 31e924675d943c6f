import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Clock } from '../app/ports.ts';

/** A connection that lay idle this long may be closed at the other end, above all after a Lambda was frozen. */
const idleMs = 4_000;

/**
 * How a client of a provider without idempotency tokens calls it (guarantee G3).
 *
 * 1. One attempt: a retry inside the SDK after a lost answer would be a second message. Without
 *    `throwOnRequestTimeout` the SDK only logs that time is up.
 * 2. No request goes over a connection that lay idle: one that the other end has closed answers with a reset, and then
 *    nobody knows whether the message was taken. `dropIdle` comes before each call.
 */
export function oneCall(now: Clock, timeoutMs: number) {
  const agents = [new HttpAgent({ keepAlive: true }), new HttpsAgent({ keepAlive: true })] as const;
  let lastUse = now();
  return {
    config: {
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: 2_000,
        requestTimeout: timeoutMs,
        throwOnRequestTimeout: true,
        httpAgent: agents[0],
        httpsAgent: agents[1],
      },
    },
    dropIdle(): void {
      if (now() - lastUse > idleMs) {
        for (const agent of agents) for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
      }
      lastUse = now();
    },
  };
}
