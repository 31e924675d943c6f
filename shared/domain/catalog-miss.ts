import { Transient } from '../kernel/errors.ts';

/** A run is pinned to a version that this catalog does not hold: load it (`withVersions`), then decide again. A run is never dropped for it. */
export class CatalogMiss extends Transient {
  readonly journey: string;
  readonly version: number;

  constructor(journey: string, version: number) {
    super('catalog.version-missing', `version ${version} of journey ${journey} is not loaded`);
    this.journey = journey;
    this.version = version;
  }
}
