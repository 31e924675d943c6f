/** The dated table lies where the forecast of a simulation reads it too. */
export { prices } from '../shared/simulation/prices.ts';
