/** Synthesises the environment that `npm start` runs. */
import * as cdk from 'aws-cdk-lib';
import { GodwitEnvironment } from '../infra/index.ts';
import { localConfig } from './local-config.ts';

// CDK's own validation only warns, and is two thirds of the time; tests/stacks say what must hold.
const app = new cdk.App({ analyticsReporting: false, builtinCloudFormationValidation: false });
new GodwitEnvironment(app, { environment: 'local', config: localConfig });
app.synth();
