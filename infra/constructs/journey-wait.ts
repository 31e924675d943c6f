import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { EnvironmentContext } from '../context.ts';
import { duties } from '../functions.ts';
import type { Handler } from './handler.ts';
import { patientRetry } from './patient-retry.ts';

/**
 * The durable clock: sleeps until `due`, then wakes a cohort. Two transitions per cohort.
 *
 * Input: a Cohort (shared/app/ports.ts); the machine reads only `due` (RFC 3339; milliseconds are cut off) and hands
 * all of it to the function, with `execution`, the name that makes wake records unique.
 *
 * Executions sleep for months on the definition and role they began with, and call the function by its ARN: machine,
 * role and function keep their names for as long as anything may sleep (a test pins them), and the function accepts the
 * input of earlier releases for a year.
 */
export class JourneyWait extends Construct {
  constructor(scope: Construct, id: string, context: EnvironmentContext, wakeCohort: Handler) {
    super(scope, id);
    const lost = context.queue(this, 'cohorts-dead');
    const functionArn = context.functionArn(this, 'wake-cohort');
    const role = new iam.Role(this, 'Role', {
      roleName: context.physicalName('journey-wait'),
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': cdk.Stack.of(this).account } },
      }),
    });
    const allow = (sid: string, action: string, resource: string) =>
      role.addToPolicy(new iam.PolicyStatement({ sid, actions: [action], resources: [resource] }));
    allow('WakeCohort', 'lambda:InvokeFunction', functionArn);
    allow('KeepLostCohort', 'sqs:SendMessage', lost.arn);

    const machine = new sfn.StateMachine(this, 'Machine', {
      stateMachineName: context.physicalName('journey-wait'),
      stateMachineType: sfn.StateMachineType.STANDARD,
      role,
      definitionBody: sfn.DefinitionBody.fromString(
        cdk.Stack.of(this).toJsonString(definition(cdk.Stack.of(this).partition, functionArn, lost.url)),
      ),
    });
    machine.node.addDependency(wakeCohort);
  }
}

function definition(partition: string, functionArn: string, lostCohorts: string) {
  return {
    Comment: 'Sleeps until the minute has come, then wakes a cohort of profiles',
    QueryLanguage: 'JSONata',
    StartAt: 'Sleep',
    States: {
      Sleep: { Type: 'Wait', Timestamp: '{% $states.input.due %}', Next: 'WakeCohort' },
      WakeCohort: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::lambda:invoke`,
        Arguments: {
          FunctionName: functionArn,
          Payload: "{% $merge([$states.input, { 'execution': $states.context.Execution.Name }]) %}",
        },
        Output: {},
        // Tasks have no time-out of their own (Step Functions, "Best practices").
        TimeoutSeconds: duties['wake-cohort'].timeoutSeconds + 10,
        // Waking twice is harmless.
        Retry: patientRetry,
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.input %}', Next: 'KeepLostCohort' }],
        End: true,
      },
      KeepLostCohort: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::sqs:sendMessage`,
        Arguments: { QueueUrl: lostCohorts, MessageBody: '{% $string($states.input) %}' },
        Output: {},
        End: true,
      },
    },
  };
}
