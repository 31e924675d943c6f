import { readFileSync } from 'node:fs';
import * as cdk from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import config from '../godwit.config.ts';
import { noCode } from './bundle.ts';
import { chooseEnvironment, GodwitEnvironment, readConfig } from './index.ts';

// `node infra/app.ts` and `cdk synth` must write the same templates, and only the latter hands over cdk.json.
const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
const app = new cdk.App({
  context,
  outdir: process.env['CDK_OUTDIR'] ?? 'cdk.out',
  analyticsReporting: false,
});

const chosen = chooseEnvironment(readConfig(config), app.node.tryGetContext('env'));
// Whoever only looks at templates needs no bundles, and no verdict: the command does, and it is seconds.
if (app.node.tryGetContext('templates-only') === true) {
  new GodwitEnvironment(app, { ...chosen, codeFor: noCode });
} else {
  new GodwitEnvironment(app, chosen);
  cdk.Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
app.synth();
