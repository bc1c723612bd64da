import type { LoggerService } from '@nestjs/common';

/** Nest's log: warnings and errors, to stderr. The program's result is on stdout. */
export class StderrLogger implements LoggerService {
  log(): void {}

  warn(message: unknown): void {
    this.write('warning', message);
  }

  /** @param details a stack, and the context last; of an error that nobody foresaw, the stack is wanted here */
  error(message: unknown, ...details: unknown[]): void {
    const stack = details.find((detail) => typeof detail === 'string' && detail.includes('\n    at '));
    this.write('error', stack ?? message);
  }

  fatal(message: unknown, ...details: unknown[]): void {
    this.error(message, ...details);
  }

  private write(level: string, message: unknown): void {
    process.stderr.write(`${new Date().toISOString()} ${level}: ${String(message)}\n`);
  }
}
