import type { INestApplication } from '@nestjs/common';
import { sampleProduct } from '@sample/database';
import { openMigrator } from 'tenancy-migrations';
import { createApp } from '../src/create-app';
import { listen } from '../src/listening';

export const ADMIN_TOKEN = 'the-administrators-token';

/** The body of a failure. */
export interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string; readonly [field: string]: unknown };
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: T;
}

/** Talks to an API as an administrator does. */
export class Client {
  constructor(readonly url: string, private readonly token = ADMIN_TOKEN) {}

  get<T = Failure>(path: string): Promise<Answer<T>> {
    return this.send(path, {});
  }

  /** @param body sent as it is when it is text, as JSON otherwise */
  post<T = Failure>(path: string, body: unknown): Promise<Answer<T>> {
    return this.send(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
  }

  async send<T = Failure>(path: string, { headers, ...request }: RequestInit): Promise<Answer<T>> {
    const standard = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const response = await fetch(`${this.url}${path}`, { ...request, headers: { ...standard, ...(headers as Record<string, string>) } });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: (isJson(response) ? JSON.parse(text) : undefined) as T };
  }
}

function isJson({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('application/json') === true;
}

/** The application, listening on a port of its own. */
export async function startApi(databaseUrl: string): Promise<{ readonly app: INestApplication; readonly client: Client }> {
  const app = await createApp({
    databaseUrl, directDatabaseUrl: undefined, host: '127.0.0.1', port: 0, adminToken: ADMIN_TOKEN, adminTokenIsNew: false,
  });
  const { url } = await listen(app, { host: '127.0.0.1', port: 0 });
  return { app, client: new Client(url) };
}

/** What an operator does before the first tenant. */
export async function initPublic(databaseUrl: string): Promise<void> {
  const migrator = await openMigrator({ ...sampleProduct, url: databaseUrl });
  const { error } = await migrator.initPublic();
  await migrator.close();
  if (error) throw error;
}
