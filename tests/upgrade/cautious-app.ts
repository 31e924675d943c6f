/** Synthesises the environment of `npm start` as whoever may have to roll back deploys it: older releases read what it writes. */
import * as cdk from 'aws-cdk-lib';
import { GodwitEnvironment } from '../../infra/index.ts';
import { localConfig } from '../../local/local-config.ts';

const app = new cdk.App();
new GodwitEnvironment(app, { environment: 'local', config: { ...localConfig, compressProfiles: false } });
app.synth();
