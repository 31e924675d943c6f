export type { CodeSource } from './bundle.ts';
export { chooseEnvironment, defineConfig, type EnvironmentConfig, type GodwitConfig, readConfig } from './config.ts';
export { GodwitEnvironment, type GodwitEnvironmentProps } from './environment.ts';
