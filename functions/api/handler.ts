import { routes } from '../../shared/http/route-table.ts';
import { httpEdge } from '../edge/http.ts';
import { httpPorts } from '../edge/http-ports.ts';

const ports = httpPorts();

/** The management API and the public pages: HTTP API, payload 2.0. */
export const handler = httpEdge(routes, () => ports);
