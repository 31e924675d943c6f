import { readFileSync } from 'node:fs';
import * as cdk from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import config from '../godwit.config.ts';
import { chooseEnvironment, GodwitEnvironment, readConfig } from './index.ts';

// `node infra/app.ts` and `cdk synth` must write the same templates, and only the latter hands over cdk.json.
const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
const app = new cdk.App({
  context,
  outdir: process.env['CDK_OUTDIR'] ?? 'cdk.out',
  analyticsReporting: false,
});

new GodwitEnvironment(app, chooseEnvironment(readConfig(config), app.node.tryGetContext('env')));
cdk.Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
