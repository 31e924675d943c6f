import { requireSecondPerson } from '../app/access/proposals.ts';
import type { CatalogStore } from '../app/catalog/ports.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { digest } from '../kernel/ids.ts';
import type { Ports } from './ports.ts';
import type { Answer, Call, Route } from './route.ts';

/**
 * Where the configuration says `approval: 'second-person-everywhere'`, what changes what is sent is done when somebody else has
 * approved precisely this request. What is new is not held up: nothing that is live can use it, and a draft that names what is
 * not there cannot be approved. The policy holds before anybody saved one, so it is never new.
 */
export function guarded(route: Route): Route {
  const { secondPerson: kind } = route;
  if (kind === undefined) return route;
  return {
    ...route,
    answers: { ...route.answers, 409: { description: approvalMissing(route.answers[409]?.description) } },
    async handle(call, ports) {
      if (ports.approval === 'second-person-everywhere' && !(await isNew(kind, call, ports))) {
        const done = await rehearsed(route, call, ports);
        if (done !== undefined) return done;
        await requireSecondPerson(proposalOf(route, kind, call), ports);
      }
      return route.handle(call, ports);
    },
  };
}

const approvalMissing = (also?: string) =>
  [
    ...(also === undefined ? [] : [also]),
    'approval.missing: somebody else has to approve it first, where the configuration asks for that',
  ].join('; ');

class WouldWrite extends Error {}

/**
 * Goes as far as the first write: what would be refused is refused now, in the same words, so nobody approves what cannot be, nor
 * what names something that somebody makes, alone, when it is approved. Answers when nothing would be written.
 */
async function rehearsed(route: Route, call: Call, ports: Ports): Promise<Answer | undefined> {
  const stop = () => Promise.reject(new WouldWrite('a rehearsal ends here'));
  const catalog: CatalogStore = {
    ...ports.catalog,
    ...{ saveDraft: stop, deleteDraft: stop, publishDraft: stop, savePlan: stop, saveTestVersion: stop },
    ...{ setJourneyState: stop, saveLive: stop, removeLive: stop, setKillSwitch: stop },
  };
  try {
    return await route.handle(call, { ...ports, catalog, startScan: stop });
  } catch (error) {
    if (error instanceof WouldWrite) return undefined;
    throw error;
  }
}

async function isNew(kind: NonNullable<Route['secondPerson']>, { params }: Call, { catalog }: Ports): Promise<boolean> {
  if (kind === 'broadcast' || kind === 'policy') return false;
  return (await catalog.readHead(kind, (params as { readonly id: string }).id)) === undefined;
}

function proposalOf(route: Route, kind: string, { params, body, expected, request, principal, now, commandId }: Call) {
  const { method } = route;
  const { id } = (params ?? {}) as { readonly id?: string };
  const content = canonicalJson([expected ?? null, body ?? null]);
  // A POST makes something each time: its approval is for one Idempotency-Key of one principal, or it could be sent twice.
  const hash = digest('proposal', method, request.path, content, ...(method === 'POST' ? [commandId] : []));
  return {
    ...{ id: `p-${hash}`, what: id === undefined ? kind : `${kind} ${id}`, method, path: request.path },
    ...(body !== undefined && { body: withoutCustomers(body) }),
    ...{ who: principal.id, at: now },
  };
}

/** Who they are is in the hash, and nobody approves ten thousand ids one by one. */
function withoutCustomers(body: unknown): unknown {
  const { list, ...rest } = body as { readonly list?: unknown };
  return Array.isArray(list) ? { ...rest, list: list.length } : body;
}
