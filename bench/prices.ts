/** The one dated table, which the forecast of a simulation and the monthly bill read too. */
export { prices } from '../shared/cost/prices.ts';
