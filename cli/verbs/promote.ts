import { documentEtag } from '../../shared/app/catalog/document-etag.ts';
import { chooseEnvironment, connect, findProject } from '../config/project.ts';
import { makePlan, type Wanted } from '../documents/plan.ts';
import { type DocumentKind, documentKinds } from '../folder/documents.ts';
import { listDocuments, readRemote } from '../remote/remote-documents.ts';
import { UsageError, verb } from '../verb.ts';
import { carryOut, explainPlainly } from './push.ts';

/** They say what holds where they are: other addresses, another zone. */
const ofAnEnvironment: readonly DocumentKind[] = ['policy', 'endpoint'];

export const promote = verb({
  name: 'promote',
  takes: '--from NAME --to NAME [--publish] [--all]',
  summary: 'brings what is live in one environment into another',
  help: `Topics, computed traits, segments, blocks, collections without their items, templates, and the live versions of journeys; drafts stay. Policy and endpoints say what holds in an environment
and stay too, unless --all. Shows what differs, then asks. Journeys become drafts, and with --publish live.`,
  options: {
    from: { type: 'string', takes: 'NAME', says: 'whose live documents' },
    to: { type: 'string', takes: 'NAME', says: 'where to' },
    publish: { type: 'boolean', says: 'make the journeys live there' },
    all: { type: 'boolean', says: 'policy and endpoints too' },
  },
  words: [0, 0],
  async run(call) {
    const { from, to, publish, all } = call.options;
    if (from === undefined || to === undefined) throw new UsageError('promote needs --from NAME and --to NAME');
    if (from === to) throw new UsageError(`--from and --to are both ${from}`);
    if (call.world.env['GODWIT_API_KEY']) {
      throw new UsageError('promote speaks to two environments: GODWIT_API_KEY is one key', 'godwit login to each');
    }
    const project = findProject(call);
    const [source, target] = [chooseEnvironment(call, project, from), chooseEnvironment(call, project, to)];
    const [sourceApi, targetApi] = [connect(call, source), connect(call, target)];
    const kinds = documentKinds.filter((kind) => all === true || !ofAnEnvironment.includes(kind));
    const heads = (await listDocuments(sourceApi, kinds)).filter(
      ({ kind, live, etag, state }) =>
        (kind !== 'journey' || (live !== null && state !== 'archived')) && etag !== 'default',
    );
    const wanted: Wanted[] = [];
    for (const head of heads) {
      const { kind, id, document } = await readRemote(sourceApi, head, 'live');
      wanted.push({ kind, id, document, etag: documentEtag(document) });
    }
    const plan = await makePlan(targetApi, wanted, { publish: publish === true });
    return carryOut(call, targetApi, plan, target.name, explainPlainly);
  },
});
