import { readFileSync } from 'node:fs';
import * as cdk from 'aws-cdk-lib';
import { noCode } from '../../infra/bundle.ts';
import type { EnvironmentInput } from '../../infra/config.ts';
import { GodwitEnvironment } from '../../infra/index.ts';

const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));

// biome-ignore lint/suspicious/noExplicitAny: templates are JSON of many shapes, and a test reads a few of them
export type Properties = Record<string, any>;

export interface Resource {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Properties;
  readonly deletionPolicy: string | undefined;
  readonly updateReplacePolicy: string | undefined;
}

export interface Synthesized {
  readonly resources: readonly Resource[];
  readonly templates: Record<string, Properties>;
  ofType(type: string): readonly Resource[];
}

/** An app with the feature flags of cdk.json, which decide how policies are written. */
export function testApp(): cdk.App {
  return new cdk.App({ context, analyticsReporting: false });
}

export function testEnvironment(app: cdk.App, config: EnvironmentInput = {}, environment = 'test'): GodwitEnvironment {
  return new GodwitEnvironment(app, { environment, config, codeFor: noCode });
}

const written = new Map<string, Synthesized>();

/** All stacks of one environment, as CloudFormation would get them. Written once for all files of this process: read only. */
export function synthesize(config: EnvironmentInput = {}, environment = 'test'): Synthesized {
  const asked = JSON.stringify([environment, config]);
  const known = written.get(asked) ?? read(testEnvironment(testApp(), config, environment));
  written.set(asked, known);
  return known;
}

export function read(environment: GodwitEnvironment): Synthesized {
  const templates = Object.fromEntries(
    environment.synth().stacks.map(({ stackName, template }) => [stackName, template as Properties]),
  );
  const resources = Object.entries(templates).flatMap(([stack, template]) =>
    Object.entries(template['Resources'] as Record<string, Properties>).map(([id, resource]) => ({
      stack,
      id,
      type: resource['Type'] as string,
      properties: (resource['Properties'] ?? {}) as Properties,
      deletionPolicy: resource['DeletionPolicy'] as string | undefined,
      updateReplacePolicy: resource['UpdateReplacePolicy'] as string | undefined,
    })),
  );
  return { templates, resources, ofType: (type) => resources.filter((resource) => resource.type === type) };
}

/** What every part of an environment is switched on for: domains, senders of both kinds, shards, a boundary. */
export const fullConfig: EnvironmentInput = {
  account: '123456789012',
  region: 'eu-central-1',
  permissionsBoundary: 'developers',
  tags: { team: 'growth' },
  alarmEmail: 'on-call@example.com',
  mailboxShards: 2,
  concurrency: { evaluate: 100, send: { email: 7 }, receipts: 30 },
  domains: {
    ingest: { name: 'events.example.com', hostedZone: { id: 'Z0123456789ABC', name: 'example.com' } },
    api: {
      name: 'godwit.example.com',
      certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d',
    },
    links: { name: 'links.example.com', hostedZone: { id: 'Z0123456789ABC', name: 'example.com' } },
  },
  senders: [
    {
      id: 'shop',
      from: 'Shop <hello@mail.example.com>',
      replyTo: 'service@example.com',
      domain: 'mail.example.com',
      dns: 'route53',
      hostedZone: { id: 'Z0123456789ABC', name: 'example.com' },
      postalAddress: 'Example Shop, 1 Harbour Street, Exampletown',
    },
    {
      id: 'news',
      from: 'news@example.org',
      domain: 'example.org',
      dns: 'manual',
      mailFrom: 'return.example.org',
      postalAddress: 'Example News, 2 Harbour Street, Exampletown',
    },
  ],
  push: { app: 'create', apns: 'sandbox' },
  sms: {
    senders: {
      DE: 'SHOP',
      US: 'phone-0123456789abcdef0123456789abcdef',
      default: 'pool-0123456789abcdef0123456789abcdef',
    },
    maxPriceUsd: 0.5,
    spendAlarmUsd: 100,
  },
  configurationSets: { marketing: { ipPool: 'pool', trackingDomain: 'click.example.com' } },
  delivery: { mode: 'live' },
  zone: 'Europe/Berlin',
  locale: 'de-DE',
};
