import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ContainerUnavailableError } from './errors';
import type { TestServer } from './test-server';

const COMMAND = ['postgres', '-c', 'max_connections=300', '-c', 'max_locks_per_transaction=256', '-c', 'fsync=off'];
const PATIENCE_MS = 5_000;

/**
 * PostgreSQL's official image of that version, by Testcontainers. Resolves in about a millisecond where there is no sign of Docker.
 * @throws ContainerUnavailableError
 */
export async function startContainer(version: string): Promise<TestServer> {
  if (!signsOfDocker().some(existsSync) && !process.env['DOCKER_HOST']) throw new ContainerUnavailableError('there is no sign of Docker');
  await probeDocker();
  try {
    return await startPostgres(`postgres:${version}`);
  } catch (error) {
    throw new ContainerUnavailableError(`Docker answers, but postgres:${version} did not start: ${messageOf(error)}`, error);
  }
}

/** Sockets, and Testcontainers' own configuration: looked at first, because loading Testcontainers takes most of a second. */
function signsOfDocker(): string[] {
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.()}`;
  const atHome = ['.docker/run/docker.sock', '.docker/desktop/docker.sock', '.testcontainers.properties'];
  return ['/var/run/docker.sock', join(runtime, 'docker.sock'), ...atHome.map((path) => join(homedir(), path))];
}

async function probeDocker(): Promise<void> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ContainerUnavailableError(`Docker did not answer in ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    await Promise.race([getContainerRuntimeClient(), tooLate]);
  } catch (error) {
    throw error instanceof ContainerUnavailableError ? error : new ContainerUnavailableError('no Docker engine answers', error);
  } finally {
    clearTimeout(timer);
  }
}

async function startPostgres(image: string): Promise<TestServer> {
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const container = await new PostgreSqlContainer(image)
    .withDatabase('postgres')
    .withUsername('postgres')
    .withPassword('postgres')
    // As the embedded one: names sort the same everywhere.
    .withEnvironment({ POSTGRES_INITDB_ARGS: '--locale=C --encoding=UTF8' })
    .withCommand(COMMAND)
    .start();
  return { url: container.getConnectionUri(), kind: `a container of ${image}`, stop: async () => void (await container.stop()) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
