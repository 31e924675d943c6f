/**
 * Two ways to build the reference journey without cohorts, as bare as they can be: no consent, caps, journal, claim or
 * receipts, so that what they cost is the least that they can.
 */
import { fileURLToPath } from 'node:url';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as ses from 'aws-cdk-lib/aws-ses';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { interpreterMachine, stepsMachine } from './machines.ts';

const handlers = fileURLToPath(new URL('./handlers/', import.meta.url));
const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'controls');
const profiles = new dynamodb.TableV2(stack, 'Profiles', {
  partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
});
const identity = new ses.EmailIdentity(stack, 'Identity', { identity: ses.Identity.domain('mail.shop.example') });

const handler = (name: string, environment: Record<string, string> = {}): lambda.Function =>
  new lambda.Function(stack, name, {
    functionName: name,
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(`${handlers}${name}`),
    timeout: Duration.seconds(10),
    memorySize: 512,
    environment,
  });
const sendStep = handler('send-step');
identity.grantSendEmail(sendStep);
const readPlan = handler('read-plan', { PROFILES: profiles.tableName });
const interpret = handler('interpret', { PROFILES: profiles.tableName });
identity.grantSendEmail(interpret);
for (const reader of [readPlan, interpret]) profiles.grant(reader, 'dynamodb:GetItem');

const machine = (id: string, definition: object): sfn.StateMachine =>
  new sfn.StateMachine(stack, id, {
    stateMachineName: id,
    definitionBody: sfn.DefinitionBody.fromString(stack.toJsonString(definition)),
  });
const steps = machine('steps', stepsMachine(sendStep.functionArn, readPlan.functionArn));
const interpreter = machine('interpreter', interpreterMachine(interpret.functionArn));
for (const one of [sendStep, readPlan]) one.grantInvoke(steps);
interpret.grantInvoke(interpreter);

const enter = handler('enter', {
  STEPS: steps.stateMachineArn,
  INTERPRETER: interpreter.stateMachineArn,
  PROFILES: profiles.tableName,
});
for (const one of [steps, interpreter]) one.grantStartExecution(enter);
profiles.grant(enter, 'dynamodb:GetItem');
new apigateway.HttpApi(stack, 'Api').addRoutes({
  path: '/enter/{machine}',
  methods: [apigateway.HttpMethod.POST],
  integration: new HttpLambdaIntegration('Enter', enter),
});
app.synth();
