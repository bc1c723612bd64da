import { ensureDevelopmentServer, findDevelopmentServer, stopDevelopmentServer } from './development-server';
import { EmbeddedPostgresError } from './errors';

/** The result goes to stdout, everything else to stderr; the number is the exit code. */
const COMMANDS: Readonly<Record<string, () => Promise<number>>> = { start, stop, status };

async function start(): Promise<number> {
  const { url, version, dataFolder, started } = await ensureDevelopmentServer();
  say(`Embedded PostgreSQL ${version} ${started ? 'started' : 'was running already'}, data in ${dataFolder}`);
  process.stdout.write(`${url}\n`);
  return 0;
}

async function stop(): Promise<number> {
  const stopped = await stopDevelopmentServer();
  say(stopped ? 'Embedded PostgreSQL stopped; its data stays' : 'No embedded PostgreSQL of this checkout is running');
  return 0;
}

async function status(): Promise<number> {
  const server = await findDevelopmentServer();
  if (!server) {
    say('No embedded PostgreSQL of this checkout is running');
    return 1;
  }
  say(`Embedded PostgreSQL ${server.version} runs, pid ${server.pid}, data in ${server.dataFolder}`);
  process.stdout.write(`${server.url}\n`);
  return 0;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function main(name: string = ''): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return command();
  say(`Usage: cli.ts ${Object.keys(COMMANDS).join(' | ')}`);
  return 64;
}

main(process.argv[2]).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    say(error instanceof EmbeddedPostgresError ? `${error.code}: ${error.message}` : String(error));
    process.exitCode = 1;
  },
);
