import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { Configuration } from './configuration';
import { SERVICE } from './health/health.dto';
import { CannotListenError, PortTakenError } from './startup-errors';

/** Where the API answers, and whether it is this process that does. */
export interface Listening {
  readonly url: string;
  readonly byAnotherProcess: boolean;
}

/** How long a program on our port may take to say that it is us. */
const PROBE_TIMEOUT_MS = 2_000;

/**
 * Listens; or finds that the API is running there already.
 *
 * @throws PortTakenError, CannotListenError
 */
export async function listen(app: INestApplication, { host, port }: Pick<Configuration, 'host' | 'port'>): Promise<Listening> {
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw new CannotListenError(host, port, code, error);
    if (!(await isOurs(urlOf(host, port)))) throw new PortTakenError(host, port);
    return { url: urlOf(host, port), byAnotherProcess: true };
  }
  const address = app.getHttpServer().address() as AddressInfo;
  return { url: urlOf(host, address.port), byAnotherProcess: false };
}

async function isOurs(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/live`, { redirect: 'error', signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    const answer: unknown = await response.json();
    return typeof answer === 'object' && answer !== null && 'service' in answer && answer.service === SERVICE;
  } catch {
    return false;
  }
}

/** The wildcard addresses are for listening only; what a client may open is the loopback. */
function urlOf(host: string, port: number): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  return `http://${reachable}:${port}`;
}
