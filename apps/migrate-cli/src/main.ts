#!/usr/bin/env node
import 'reflect-metadata';
import { Console } from 'node:console';
import { writeSync } from 'node:fs';
import { CommanderError } from 'commander';
import { CommandFactory } from 'nest-commander';
import { failure } from './answer';
import { CliModule } from './cli.module';
import { ExitCode } from './exit-codes';
import { Terminal } from './terminal';
import { StoppedAtOnceError } from './stopped-at-once-error';
import { UsageError } from './usage-error';

const terminal = new Terminal();
// A product's config and migrations may write to the console; stdout is the answer's alone.
globalThis.console = new Console(process.stderr);

/** The first Ctrl-C lets the step in hand finish; the second ends the process, which harms nothing. */
function stopOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) stopAtOnce();
    controller.abort();
    terminal.say('warn', 'Stopping after the step in hand; once more to stop at once.');
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

/** Written synchronously: the process ends here, and a script still gets its one document, with what is known to be applied. */
function stopAtOnce(): never {
  if (process.argv.includes('--json')) writeSync(1, `${JSON.stringify(failure(new StoppedAtOnceError(), terminal.applied).json)}\n`);
  process.exit(ExitCode.stopped);
}

/** What commander throws is wrong usage, or the end of --help. */
function onError(error: Error): void {
  if (error instanceof CommanderError && error.exitCode === 0) return;
  const json = process.argv.includes('--json');
  terminal.answer(failure(error instanceof CommanderError ? usageError(error) : error), json);
}

function usageError(error: CommanderError): UsageError {
  const what = error.code === 'commander.help' ? 'No command is given' : error.message.replace(/^error: /, '').replace(/\.$/, '');
  return new UsageError(what, 'See --help.', error);
}

async function main(): Promise<void> {
  await CommandFactory.run(CliModule.with(terminal, stopOnInterrupt()), {
    cliName: 'migrate-cli',
    logger: ['error', 'fatal'],
    // Commander's own text of an error would be the second on stderr.
    outputConfiguration: { writeErr: (text) => (text.startsWith('error:') ? undefined : process.stderr.write(text)) },
    errorHandler: (error) => {
      throw error;
    },
    serviceErrorHandler: onError,
  });
}

void main().catch(onError).finally(() => {
  process.exitCode = terminal.exitCode;
});
