import type { JourneyState } from '../../domain/catalog.ts';
import type { Entry, Journey, PropertyType } from '../../domain/journeys/journey.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { Conflict, InvalidInput, NotFound } from '../../kernel/errors.ts';
import { parseInstant } from '../../kernel/time.ts';
import type { CatalogStore } from '../catalog/ports.ts';
import type { Mailbox } from '../ports.ts';
import { type IdType, identityOf, keyOfIdentity } from './find-profile.ts';
import { tellProfiles } from './tell-profile.ts';

export const MAX_ENROLLMENTS = 1_000;

export interface EnrollmentRequest {
  readonly id: string;
  readonly idType?: IdType;
  readonly traits?: { readonly [name: string]: Json };
  readonly properties?: { readonly [name: string]: Json };
  /** Value of the journey's re-entry key. */
  readonly key?: string;
}

export type EnrollmentResult =
  | { readonly index: number; readonly status: 'accepted' }
  | { readonly index: number; readonly status: 'refused'; readonly code: string; readonly detail: string };

/**
 * Puts one record per customer into the mailboxes. Accepted means decided soon, in the order of each customer's
 * mailbox; whether they enter is recorded there (`…/why`). One customer's fault does not lose the others (G13).
 */
export async function enrollCustomers(
  ports: { readonly catalog: CatalogStore; readonly mailbox: Mailbox },
  journeyId: string,
  customers: readonly EnrollmentRequest[],
  commandId: string,
  now: number,
): Promise<readonly EnrollmentResult[]> {
  const entry = await apiEntry(ports.catalog, journeyId);
  const epoch = await ports.catalog.readEpoch('newest');
  const faults = customers.map((customer) => idFault(customer) ?? propertyFault(entry, customer.properties ?? {}));
  const accepted = customers.flatMap((customer, index) => (faults[index] === undefined ? [{ customer, index }] : []));
  const refusals = await tellProfiles(
    ports.mailbox,
    accepted.map(({ customer: { id, idType, key, traits, properties }, index }) => {
      const identity = identityOf(idType ?? 'userId', id);
      return {
        key: keyOfIdentity(identity),
        record: {
          t: 'enroll',
          id: `${commandId}-${index}`,
          identity,
          at: now,
          epoch,
          journey: journeyId,
          ...(key !== undefined && { runKey: key }),
          ...(traits !== undefined && { traits }),
          ...(properties !== undefined && { properties }),
        },
      };
    }),
    now,
  );
  const refused = new Map(accepted.map(({ index }, position) => [index, refusals.get(position)]));
  return customers.map((_, index) => {
    const fault = faults[index];
    const code = refused.get(index);
    if (fault !== undefined) return { index, status: 'refused', ...fault };
    if (code !== undefined) return { index, status: 'refused', code: 'mailbox.refused', detail: code };
    return { index, status: 'accepted' };
  });
}

function idFault({ id, idType }: EnrollmentRequest) {
  try {
    identityOf(idType ?? 'userId', id);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { code: error.code, detail: error.message };
  }
}

type ApiEntry = Extract<Entry, { readonly on: 'api' }>;

async function apiEntry(catalog: CatalogStore, id: string): Promise<ApiEntry> {
  const head = await catalog.readHead('journey', id);
  if (head === undefined) throw new NotFound('journey.not-found', `there is no journey ${id}`);
  const open: readonly JourneyState[] = ['live'];
  if (head.live === undefined || !open.includes(head.state as JourneyState)) {
    throw new Conflict('journey.not-live', `nobody enters a journey that is ${head.state}`);
  }
  const version = await catalog.readVersion('journey', id, head.live);
  const entry = (version?.document as Journey | undefined)?.entry.find((one): one is ApiEntry => one.on === 'api');
  if (entry === undefined) {
    throw new Conflict('journey.no-api-entry', 'this journey has no entry { on: api }: add one and publish');
  }
  return entry;
}

const isType: Readonly<Record<PropertyType, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  instant: (value) => typeof value === 'string' && parseInstant(value) !== undefined,
  object: (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
  list: (value) => Array.isArray(value),
};

/** Names fields, limits and types; never a value. */
function propertyFault(entry: ApiEntry, properties: { readonly [name: string]: Json }) {
  if (entry.properties === undefined) return undefined;
  for (const name of Object.keys(properties)) {
    if (Object.hasOwn(entry.properties, name)) continue;
    return { code: 'enrollment.unknown-property', detail: `the journey's entry does not declare ${short(name)}` };
  }
  for (const [name, { type, required }] of Object.entries(entry.properties)) {
    const value = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (value === undefined || value === null) {
      if (required === true) return { code: 'enrollment.property-missing', detail: `${short(name)} is required` };
    } else if (!isType[type](value)) {
      return { code: 'enrollment.property-type', detail: `${short(name)} must be of type ${type}` };
    }
  }
  return undefined;
}

/** A thousand results are kept with the Idempotency-Key, in one item of at most 400 KB. */
const short = (name: string): string =>
  name.length <= 40 ? name : `${name.slice(0, 40)}… (${name.length} characters)`;
