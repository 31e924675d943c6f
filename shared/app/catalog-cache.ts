import type { CatalogSnapshot, JourneyVersion } from '../domain/catalog.ts';
import { Transient } from '../kernel/errors.ts';
import type { CatalogStore } from './catalog/ports.ts';

/** As `neededVersions` of the decision core names them. */
export interface VersionRef {
  readonly journey: string;
  readonly version: number;
}

/** The catalog of one container, compiled: the port `Catalogs` of the actor protocol. `C` is what `compile` makes of it. */
export interface CatalogCache<C> {
  /**
   * At most `refreshSeconds` old. With `atLeastEpoch` (a profile was decided at that epoch) never older than that:
   * guarantee G8. `needed` versions are in it beside the live ones. Transient when the epoch or a version cannot be
   * had yet: a run is never dropped. `newest`: not older than this call, for one read unit.
   */
  current(atLeastEpoch?: number, needed?: readonly VersionRef[], newest?: boolean): Promise<C>;
}

interface Options<C> {
  readonly store: Pick<CatalogStore, 'readEpoch' | 'readSnapshot' | 'readJourneyVersions'>;
  /** `pinned`: versions beside the live ones; a version may stand in both. */
  readonly compile: (snapshot: CatalogSnapshot, pinned: readonly JourneyVersion[]) => C;
  /** The same catalog with more versions in it. */
  readonly extend: (compiled: C, versions: readonly JourneyVersion[]) => C;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly refreshSeconds?: number;
}

/**
 * 1. The epoch a container has seen never goes back, whatever order answers come in.
 * 2. An unchanged catalog costs one read of the epoch (0.5 read units) per `refreshSeconds` and container.
 * 3. Who is on an older version than a plan's may be moved to that one, so it is needed too.
 * 4. Versions are immutable, so those once seen stay: after a publish, runs on the old version need no read.
 */
export function catalogCache<C>({ store, compile, extend, now, refreshSeconds = 5 }: Options<C>): CatalogCache<C> {
  let snapshot: CatalogSnapshot | undefined;
  let compiled: C | undefined;
  let freshUntil = 0;
  let loading: Promise<void> | undefined;
  const pinned = new Map<string, JourneyVersion>();
  /** Versions to which a plan moved people, by journey. */
  let planned: ReadonlyMap<string, readonly number[]> = new Map();
  const nameOf = (id: string, version: number) => `${id}@${version}`;

  /** One load at a time: who comes while one is under way waits for it and then looks again. */
  async function load(): Promise<void> {
    loading ??= (async () => {
      const askedAt = now();
      const fresh = await store.readSnapshot();
      if (snapshot === undefined || fresh.epoch > snapshot.epoch) {
        const before = snapshot?.journeys ?? [];
        const next = compile(fresh, [...pinned.values(), ...before]);
        for (const { id, version, document } of before) pinned.set(nameOf(id, version), { id, version, document });
        planned = new Map(
          fresh.journeys.flatMap(({ id, plans }) => (plans ? [[id, plans.map((one) => one.version)]] : [])),
        );
        snapshot = fresh;
        compiled = next;
      }
      freshUntil = askedAt + refreshSeconds * 1_000;
    })().finally(() => {
      loading = undefined;
    });
    await loading;
  }

  async function refresh(): Promise<void> {
    const askedAt = now();
    const epoch = await store.readEpoch();
    if (epoch > snapshot!.epoch) await load();
    else freshUntil = Math.max(freshUntil, askedAt + refreshSeconds * 1_000);
  }

  const isKnown = ({ journey, version }: VersionRef) =>
    pinned.has(nameOf(journey, version)) ||
    snapshot!.journeys.some((one) => one.id === journey && one.version === version);

  const withPlanned = ({ journey, version }: VersionRef): VersionRef[] => [
    { journey, version },
    ...(planned.get(journey) ?? []).filter((to) => to > version).map((to) => ({ journey, version: to })),
  ];

  async function ensure(needed: readonly VersionRef[]): Promise<void> {
    const wanted = needed.flatMap(withPlanned).filter((ref) => !isKnown(ref));
    if (wanted.length === 0) return;
    const found = await store.readJourneyVersions(wanted.map(({ journey, version }) => ({ id: journey, version })));
    for (const one of found) pinned.set(nameOf(one.id, one.version), one);
    compiled = extend(compiled!, found);
    const missing = wanted.find((ref) => !isKnown(ref));
    if (missing !== undefined) {
      const name = nameOf(missing.journey, missing.version);
      throw new Transient('catalog.version-missing', `${name} is not in the catalog`, 5);
    }
  }

  return {
    async current(seenEpoch = 0, needed = [], newest = false) {
      const atLeastEpoch = newest ? Math.max(seenEpoch, await store.readEpoch('newest')) : seenEpoch;
      if (snapshot === undefined) await load();
      else if (snapshot.epoch >= atLeastEpoch && now() >= freshUntil) await refresh();
      if (snapshot!.epoch < atLeastEpoch) {
        await load();
        // The load that was joined may have begun before that epoch was written.
        if (snapshot!.epoch < atLeastEpoch) await load();
      }
      if (snapshot!.epoch < atLeastEpoch) {
        throw new Transient('catalog.behind', `epoch ${atLeastEpoch} is wanted, ${snapshot!.epoch} is stored`, 1);
      }
      await ensure(needed);
      return compiled!;
    },
  };
}
