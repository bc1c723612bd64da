import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { TenancyError } from 'tenancy-migrations';
import { errorAnswer, type ErrorAnswer } from './error-answer';

const RETRY_AFTER_SECONDS = 5;

/** Answers every failure as `{ error: { code, message, remedy, ... } }`; what is not the client's doing goes to the log as well. */
@Catch()
export class TenancyExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('Api');

  constructor(private readonly host: HttpAdapterHost) {}

  catch(thrown: unknown, context: ArgumentsHost): void {
    const http = context.switchToHttp();
    const response = http.getResponse<ServerResponse>();
    const { status, error } = errorAnswer(thrown);
    if (status >= 500) this.log(http.getRequest<IncomingMessage>(), error, thrown);
    if (response.headersSent) return;
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    if (status === 503) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    this.host.httpAdapter.reply(response, { error }, status);
  }

  private log({ method, url }: IncomingMessage, error: ErrorAnswer['error'], thrown: unknown): void {
    if (thrown instanceof TenancyError) this.logger.warn(`${method} ${url}: ${error.code}: ${error.message}`);
    else this.logger.error(`${method} ${url}: ${String(thrown)}`, thrown instanceof Error ? thrown.stack : undefined);
  }
}
