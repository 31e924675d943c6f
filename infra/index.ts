export type { CodeSource } from './bundle.ts';
export type { EnvironmentConfig, GodwitConfig } from './config.ts';
export { GodwitEnvironment, type GodwitEnvironmentProps } from './environment.ts';
export { chooseEnvironment, defineConfig, readConfig } from './read-config.ts';
