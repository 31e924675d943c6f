import * as cdk from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { acknowledgedRules } from '../../infra/acknowledged-rules.ts';
import { noCode } from '../../infra/bundle.ts';
import { GodwitEnvironment } from '../../infra/index.ts';
import { fullConfig, read, synthesize, testApp, testEnvironment } from './synthesize.ts';

/** Properties that name a thing for a whole account, region or service. */
const nameProperties = [
  ...['FunctionName', 'RoleName', 'StateMachineName', 'LogGroupName', 'AlarmName', 'DashboardName', 'TopicName'],
  ...['TableName', 'QueueName', 'AliasName', 'PolicyName', 'ManagedPolicyName'],
];
const namedTypes = ['AWS::SSM::Parameter', 'AWS::SES::ConfigurationSet', 'AWS::ApiGatewayV2::Api', 'AWS::Events::Rule'];

describe('several environments in one account', () => {
  const app = testApp();
  const environments = [
    testEnvironment(app, {}, 'dev'),
    testEnvironment(app, {}, 'staging'),
    testEnvironment(app, { prefix: 'other' }, 'dev'),
  ].map(read);

  it('have no name in common', () => {
    const names = environments.flatMap(({ resources }) =>
      resources.flatMap(({ stack, type, properties }) => [
        ...nameProperties
          // An inline policy's name counts within its role only.
          .filter((name) => !(type === 'AWS::IAM::Policy' && name === 'PolicyName'))
          .filter((name) => typeof properties[name] === 'string')
          .map((name) => `${type} ${properties[name]}`),
        ...(namedTypes.includes(type) && typeof properties['Name'] === 'string'
          ? [`${type} ${properties['Name']}`]
          : []),
        `stack ${stack}`,
      ]),
    );
    const withoutStacks = names.filter((name) => !name.startsWith('stack '));
    expect(withoutStacks.length).toBeGreaterThan(3 * 60);
    expect(withoutStacks.filter((name, index) => withoutStacks.indexOf(name) !== index)).toEqual([]);
    expect(new Set(names.filter((name) => name.startsWith('stack '))).size).toBe(3 * 6);
  });

  it('have metrics of their own', () => {
    const dimensions = environments.map(
      ({ ofType }) =>
        ofType('AWS::CloudWatch::Alarm').find(({ properties }) => properties['MetricName'] === 'RecordsParked')!
          .properties['Dimensions'][0].Value,
    );
    expect(dimensions).toEqual(['godwit-dev', 'godwit-staging', 'other-dev']);
  });
});

describe('stacks of an environment', () => {
  const { templates } = synthesize();

  it('lock nothing of each other: no export, no import', () => {
    for (const [name, template] of Object.entries(templates)) {
      expect(JSON.stringify(template), name).not.toContain('Fn::ImportValue');
      for (const output of Object.values(template['Outputs'] ?? {})) expect(output).not.toHaveProperty('Export');
    }
  });

  it('read only parameters that another one writes, and after it', () => {
    const environment = testEnvironment(testApp());
    const { stacks } = environment.synth();
    const written = new Map<string, string>();
    const reads: [string, string][] = [];
    for (const { stackName, template } of stacks) {
      for (const { Type, Properties } of Object.values<{ Type: string; Properties: { Name: string } }>(
        template.Resources,
      )) {
        if (Type === 'AWS::SSM::Parameter') written.set(Properties.Name, stackName);
      }
      for (const { Type, Default } of Object.values<{ Type: string; Default: string }>(template.Parameters)) {
        if (Type === 'AWS::SSM::Parameter::Value<String>' && Default.startsWith('/godwit/'))
          reads.push([stackName, Default]);
      }
    }
    expect(reads.length).toBeGreaterThan(20);
    for (const [reader, name] of reads) {
      const writer = written.get(name);
      expect(writer, name).toBeDefined();
      const dependencies = stacks.find(({ stackName }) => stackName === reader)!.dependencies.map(({ id }) => id);
      const writerId = stacks.find(({ stackName }) => stackName === writer)!.id;
      expect(dependencies, `${reader} reads ${name}`).toContain(writerId);
    }
  });

  it('are protected against deletion where they hold what cannot be made again', () => {
    const isProtected = (removalPolicy: 'retain' | 'destroy') => {
      const environment = testEnvironment(testApp(), { removalPolicy });
      return environment.node.children.filter(cdk.Stack.isStack).filter((stack) => stack.terminationProtection);
    };
    expect(isProtected('retain').map(({ node }) => node.id)).toEqual(['data', 'journeys']);
    expect(isProtected('destroy')).toEqual([]);
  });

  it('carry the tags of the environment', () => {
    const { resources } = synthesize(fullConfig);
    const tagged = resources.filter(({ type }) => type === 'AWS::DynamoDB::Table' || type === 'AWS::SQS::Queue');
    for (const { properties } of tagged) {
      expect(properties['Tags']).toEqual(
        expect.arrayContaining([
          { Key: 'godwit:environment', Value: 'godwit-test' },
          { Key: 'team', Value: 'growth' },
        ]),
      );
    }
  });

  it('say the same, whenever and wherever they are written', () => {
    const again = read(testEnvironment(testApp(), fullConfig));
    expect(again.templates).toEqual(synthesize(fullConfig).templates);
  });
});

describe('cdk-nag AwsSolutions', () => {
  it.each([
    ['the least configuration', {}],
    ['the fullest', fullConfig],
  ])('finds nothing in %s but what is acknowledged with a reason', (_what, config) => {
    const app = testApp();
    testEnvironment(app, config);
    cdk.Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });

  it('would find each of the rules that are acknowledged', () => {
    const app = testApp();
    new GodwitEnvironment(app, { environment: 'test', config: {}, codeFor: noCode, acknowledgements: [] });
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    const found = new Set(violations.map(({ ruleName }) => ruleName.replace(/\[.*/, '')));
    expect([...found].sort()).toEqual(acknowledgedRules.map(({ rule }) => rule).sort());
    for (const { reason } of acknowledgedRules) expect(reason.length).toBeGreaterThan(40);
  });
});
