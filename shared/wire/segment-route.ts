import type { EventKind } from './segment-event.ts';

/** What a request to the ingest API asks for. */
export type SegmentRoute =
  | { readonly to: 'batch' }
  | { readonly to: 'event'; readonly kind: EventKind }
  /** Metrics that the clients report about themselves: swallowed. */
  | { readonly to: 'client-metrics' }
  | { readonly to: 'settings'; readonly writeKey: string }
  | { readonly to: 'preflight' };

const posts: { readonly [path: string]: SegmentRoute } = {
  batch: { to: 'batch' },
  b: { to: 'batch' },
  m: { to: 'client-metrics' },
  ...Object.fromEntries(
    (['identify', 'track', 'page', 'screen', 'group', 'alias'] as const).flatMap((kind) => [
      [kind, { to: 'event', kind }],
      [kind[0], { to: 'event', kind }],
    ]),
  ),
};

/** Both families of paths that the clients know; undefined for anything else. */
export function readSegmentRoute(method: string, path: string): SegmentRoute | undefined {
  if (method === 'OPTIONS') return { to: 'preflight' };
  if (method === 'POST') {
    const name = /^\/v1\/([a-z]+)\/?$/.exec(path)?.[1];
    return name !== undefined && Object.hasOwn(posts, name) ? posts[name] : undefined;
  }
  const writeKey = method === 'GET' ? /^\/v1\/projects\/([^/]{1,200})\/settings\/?$/.exec(path)?.[1] : undefined;
  return writeKey === undefined ? undefined : { to: 'settings', writeKey };
}
