import { Module, type DynamicModule } from '@nestjs/common';
import { Command } from 'commander';
import { InjectCommander } from 'nest-commander';
import { InitPublicCommand } from './commands/init-public.command';
import { InitTenantCommand } from './commands/init-tenant.command';
import { STOP_SIGNAL } from './commands/migrator-command';
import { RotateApiKeyCommand } from './commands/rotate-api-key.command';
import { StatusPublicCommand } from './commands/status-public.command';
import { StatusCommand } from './commands/status.command';
import { UpgradePublicCommand } from './commands/upgrade-public.command';
import { UpgradeTenantCommand } from './commands/upgrade-tenant.command';
import { Terminal } from './terminal';

const COMMANDS = [
  InitPublicCommand, UpgradePublicCommand, StatusPublicCommand,
  InitTenantCommand, UpgradeTenantCommand, StatusCommand, RotateApiKeyCommand,
];

/** The commands, and what they share. */
@Module({})
export class CliModule {
  constructor(@InjectCommander() commander: Command) {
    commander.name('migrate-cli').addHelpText('after', '\nEvery command takes --json, --config <file> and --log-level <level>; see migrate-cli help <command>.');
  }

  /** @param signal aborted by the first Ctrl-C */
  static with(terminal: Terminal, signal: AbortSignal): DynamicModule {
    return {
      module: CliModule,
      providers: [{ provide: Terminal, useValue: terminal }, { provide: STOP_SIGNAL, useValue: signal }, ...COMMANDS],
    };
  }
}
