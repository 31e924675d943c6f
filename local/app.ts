/** Synthesises the environment that `npm start` runs. */
import * as cdk from 'aws-cdk-lib';
import { GodwitEnvironment } from '../infra/index.ts';
import { localConfig } from './local-config.ts';

const app = new cdk.App();
new GodwitEnvironment(app, { environment: 'local', config: localConfig });
app.synth();
