/** Synthesises the environments of the scenarios: the one of `npm start`, and one whose channels and sender have a pace. */
import * as cdk from 'aws-cdk-lib';
import { GodwitEnvironment } from '../../infra/index.ts';
import { localConfig } from '../../local/local-config.ts';
import { pace } from './pace.ts';

// CDK's own validation only warns, and is two thirds of the time; tests/stacks say what must hold.
const app = new cdk.App({ analyticsReporting: false, builtinCloudFormationValidation: false });
new GodwitEnvironment(app, { environment: 'local', config: localConfig });
const senders = localConfig.senders!.map((sender) => ({ ...sender, warmUp: pace.warmUp }));
new GodwitEnvironment(app, { environment: 'paced', config: { ...localConfig, channels: pace.channels, senders } });
app.synth();
