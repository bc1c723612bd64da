import 'reflect-metadata';
import { TenancyError } from 'tenancy-migrations';
import { readConfiguration } from './configuration';
import { createApp } from './create-app';
import { listen } from './listening';
import { ConfigurationError } from './startup-errors';
import { StderrLogger } from './stderr-logger';

async function main(): Promise<void> {
  const configuration = readConfiguration(process.env);
  const app = await createApp(configuration);
  const { url, byAnotherProcess } = await listen(app, configuration);
  if (byAnotherProcess) {
    process.stdout.write(`The API is running already at ${url} (documentation: ${url}/docs); its admin token is the one that it was started with\n`);
    return app.close();
  }
  app.useLogger(new StderrLogger());
  app.enableShutdownHooks();
  process.stdout.write(`The API answers at ${url} (documentation: ${url}/docs)\n`);
  if (configuration.adminTokenIsNew) {
    process.stderr.write(`ADMIN_TOKEN is not set; until the API stops, the admin token is ${configuration.adminToken}\n`);
  }
}

/** What is open already, a pool perhaps, would keep the process alive: hence exit. */
function fail(error: unknown): never {
  process.stderr.write(`${error instanceof TenancyError ? error.message : `The API cannot start: ${String(error)}`}\n`);
  process.exit(error instanceof ConfigurationError ? 64 : 1);
}

main().catch(fail);
