import { connectProject } from '../config/project.ts';
import { readComparable } from '../documents/local-documents.ts';
import { isTouched, makePlan, planJson, printPlan } from '../documents/plan.ts';
import { verb } from '../verb.ts';

export const diff = verb({
  name: 'diff',
  takes: '[--live]',
  summary: 'what differs between an environment and the folder, document by document',
  help: `From the environment (-) to the folder (+), by meaning: order of keys and comments are nothing.
Journeys are compared with their draft, when there is one; with --live with what is live. Exit code 1: something differs.`,
  options: { live: { type: 'boolean', says: 'compare journeys with their live version' } },
  words: [0, 0],
  async run(call) {
    const { project, environment, api } = connectProject(call);
    const { documents } = await readComparable(project.folder);
    const live = call.options.live === true ? { against: 'live' as const } : {};
    const plan = await makePlan(api, documents, { publish: false, ...live });
    const differing = plan.documents.filter(isTouched).length;
    const last =
      differing === 0
        ? `no difference to ${environment.name}`
        : `${differing} documents differ from ${environment.name}`;
    return {
      exit: differing === 0 ? 0 : 1,
      text: [...printPlan(plan, call.world.terminal.paint, environment.name), last],
      json: planJson(plan),
    };
  },
});
