import { lookup as resolveName } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Where a webhook may lead. Endpoints are written by people who may not reach into our network: no private, loopback,
 * link-local (instance metadata), carrier-grade NAT, multicast or reserved address, whatever name leads there and
 * however it is spelt. With `capture` what may leave goes to `<capture>/<host>/<path>` instead: in a local cloud nothing
 * reaches the world.
 */
export type TargetProblem = 'webhook.not-https' | 'webhook.private-target' | 'webhook.bad-url';

export class PrivateTarget extends Error {}

export interface Target {
  readonly url: URL;
  /** For http(s).request: the address that was checked is the one that is connected to, so a name cannot change in between. */
  readonly lookup?: LookupFunction;
}

/** @param resolve names to addresses; the runtime's, but for tests. */
export function targetOf(address: string, capture?: string, resolve: Resolve = resolveName): Target | TargetProblem {
  if (!URL.canParse(address)) return 'webhook.bad-url';
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return 'webhook.bad-url';
  if (url.protocol !== 'https:') return 'webhook.not-https';
  // An address needs no look-up, so `lookup` would never see it. URL has already read 0x7f.1 and 2130706433 as 127.0.0.1.
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(literal) && !isPublicAddress(literal)) return 'webhook.private-target';
  if (capture !== undefined) return { url: new URL(`${capture}/${url.host}${url.pathname}${url.search}`) };
  return { url, lookup: publicLookup(resolve) };
}

/** True for what is routed on the public internet. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  // process() turns ::ffff:10.0.0.1 into 10.0.0.1.
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast') return false;
  // Only 2000::/3 is given out (IANA); ::10.0.0.1, say, is in no list of special ranges.
  return address.kind() === 'ipv4' || (address.toByteArray()[0]! & 0xe0) === 0x20;
}

/** One bad address among several is enough to refuse: which one is taken is not ours to choose. */
type Resolve = (
  name: string,
  options: { readonly all: true; readonly family: number | 'IPv4' | 'IPv6' },
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const publicLookup =
  (resolve: Resolve): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { all: true, family: options.family ?? 0 }).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
          callback(new PrivateTarget('the name leads to an address that is not public'), '');
        } else if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
