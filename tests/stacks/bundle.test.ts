import * as http from 'node:http';
import { describe, expect, it } from 'vitest';
import { buildFunctions } from '../../infra/bundle.ts';
import { bundleSizes, readAtStart } from '../../infra/bundle-size.ts';
import { type FunctionName, functionNames } from '../../infra/functions.ts';
import * as inPlaceOfHttp from '../../infra/in-place-of/node-http.ts';

const metafiles = buildFunctions();
const outputs = Object.assign({}, ...metafiles.map((metafile) => metafile.outputs)) as (typeof metafiles)[0]['outputs'];
const sizes = bundleSizes(metafiles);
const atStart = (name: FunctionName, pattern: RegExp) =>
  readAtStart(metafiles, name).inputs.filter((path) => pattern.test(path));
const inputsOf = (name: FunctionName) =>
  Object.entries(outputs)
    .filter(([path]) => path.startsWith(`dist/functions/${name}/`))
    .flatMap(([, { inputs }]) => Object.keys(inputs));

describe('bundles', () => {
  it.each(functionNames)('%s exports the handler that Lambda calls', (name) => {
    expect(outputs[`dist/functions/${name}/index.mjs`]!.exports).toContain('handler');
  });

  it('ingest knows neither journeys nor templates', () => {
    expect(atStart('ingest', /shared\/domain\/(journeys|audiences|messaging)\//)).toEqual([]);
  });

  // To make zod and all schemas of documents takes a fifth of the CPU with which `evaluate` starts.
  it.each(['ingest', 'evaluate', 'send', 'receipts'] as const)(
    '%s, on the way of an event, makes no schemas',
    (name) => {
      expect(atStart(name, /node_modules\/zod\//)).toEqual([]);
      expect(atStart('issue-key', /node_modules\/zod\//)).not.toEqual([]);
    },
  );

  it.each(functionNames)('%s imports node:http nowhere, which would load undici', (name) => {
    const files = Object.entries(outputs).filter(([path]) => path.startsWith(`dist/functions/${name}/`));
    const modules = files.flatMap(([, { imports }]) => imports.map(({ path }) => path));
    expect(modules).toContain('node:https');
    expect(modules).not.toContain('node:http');
  });

  it('what stands in the place of node:http exports all of it but what loads undici', () => {
    const exported = Object.keys(http).filter((key) => key !== 'default' && !key.startsWith('_'));
    const loadUndici = ['WebSocket', 'CloseEvent', 'MessageEvent'];
    expect(Object.keys(inPlaceOfHttp).sort()).toEqual(
      ['default', ...exported.filter((key) => !loadUndici.includes(key))].sort(),
    );
  });

  it.each(functionNames)('%s takes credentials from its environment and knows no other way', (name) => {
    expect(inputsOf(name).filter((path) => /^node_modules\/.*credential-provider-(?!env)/.test(path))).toEqual([]);
    expect(inputsOf(name).filter((path) => path.includes('credential-provider-env'))).not.toEqual([]);
  });

  it('send loads what only e-mail or webhooks need for these channels, and has no compiler of mails', () => {
    const parts = /client-sesv2|html-to-text|entities|shared\/channels\/webhook/;
    expect(atStart('send', parts)).toEqual([]);
    expect(inputsOf('send').filter((path) => parts.test(path))).not.toEqual([]);
    expect(inputsOf('send').filter((path) => path.startsWith('node_modules/mjml'))).toEqual([]);
  });

  it('api loads the compiler of mails only when a template is compiled', () => {
    expect(atStart('api', /^node_modules\/mjml/)).toEqual([]);
    expect(sizes['api']!.package).toBeGreaterThan(sizes['api']!.start + 3_000_000);
  });
});
