import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * `@aws-sdk/credential-provider-node` in the functions' bundles. Lambda puts a role's credentials into the environment,
 * where the SDK looks first; profiles, processes, SSO and instance metadata, with the clients that they need, are for
 * other machines.
 */
export const defaultProvider = fromEnv;
