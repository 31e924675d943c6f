import * as z from 'zod';
import { tellTaskOutcome } from '../../app/tell-task-outcome.ts';
import { Id } from '../../kernel/schema.ts';
import { type Route, route } from '../route.ts';

export const taskRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/tasks/{token}/outcome',
    scope: 'public',
    tag: 'Public',
    summary: 'Tells what became of a task',
    description:
      'The link comes with the task (`outcomeUrl`) and needs no key. The first outcome counts; telling again changes nothing.',
    params: z.strictObject({ token: z.string().min(1).max(2_000) }),
    body: z.strictObject({ outcome: Id.meta({ description: 'one of the `outcomes` that came with the task' }) }),
    bodyCode: 'task',
    answers: {
      202: { description: 'in the mailbox of the customer', schema: z.object({ task: z.string(), outcome: Id }) },
      404: { description: 'not a link of ours' },
      422: { description: 'not one of its outcomes' },
    },
    async handle({ params, body }, ports) {
      const task = await tellTaskOutcome(params.token, body.outcome, ports.tasks);
      return { status: 202, body: { task, outcome: body.outcome } };
    },
  }),
];
