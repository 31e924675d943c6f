/**
 * `node:http` in the functions' bundles. An ES module that imports it reads each of its exports, and three of them
 * (WebSocket, CloseEvent, MessageEvent) load all of undici: a quarter of the CPU with which a function starts. They are
 * on globalThis for whoever wants them. AWS's own runtime client requires the module, and loads none of it either.
 */
const http = process.getBuiltinModule('node:http');
export default http;
export const {
  Agent,
  ClientRequest,
  createServer,
  get,
  globalAgent,
  IncomingMessage,
  maxHeaderSize,
  METHODS,
  OutgoingMessage,
  request,
  Server,
  ServerResponse,
  setGlobalProxyFromEnv,
  setMaxIdleHTTPParsers,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} = http;
