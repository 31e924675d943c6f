import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { accepted, preflight, refused, type SegmentAnswer } from '../../shared/wire/segment-answer.ts';
import { readSegmentRoute } from '../../shared/wire/segment-route.ts';
import { answerEvents, answerSettings, ingestPorts } from '../edge/ingest.ts';
import { withPrivateErrors } from '../edge/private-errors.ts';

const ports = ingestPorts();

/** HTTP API, payload 2.0. An error that leaves here becomes a 500, which every client sends again. */
export const handler = withPrivateErrors(async (event: APIGatewayProxyEventV2): Promise<SegmentAnswer> => {
  const { body, headers, isBase64Encoded, rawPath, requestContext } = event;
  const route = readSegmentRoute(requestContext.http.method, rawPath);
  if (route === undefined) return refused('route.unknown', 'no such path or method');
  switch (route.to) {
    case 'preflight':
      return preflight;
    case 'client-metrics':
      return accepted;
    case 'settings': {
      const host = headers['host'] ?? requestContext.domainName;
      return answerSettings(route.writeKey, host, headers['x-forwarded-proto'] ?? 'https', ports);
    }
    default:
      return answerEvents({ route, authorization: headers['authorization'], body, isBase64Encoded }, ports);
  }
});
