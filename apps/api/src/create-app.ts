import type { IncomingMessage, ServerResponse } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module';
import type { Configuration } from './configuration';
import { serveDocumentation } from './documentation';

/**
 * Puts the application together and connects to the database. Nest stays silent meanwhile, because it logs what fails with its stack:
 * the caller reports the error, once.
 *
 * @throws TenancyError when the database cannot be used
 */
export async function createApp(configuration: Configuration): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(configuration), { logger: false, abortOnError: false, bodyParser: false });
  app.disable('x-powered-by');
  app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    // An answer may hold an API key.
    response.setHeader('Cache-Control', 'no-store');
    // A connection that outlives its answer would keep a stopping process alive.
    response.once('finish', () => app.getHttpServer().listening || request.socket.end());
    next();
  });
  // JSON is all that we take, so a forgotten Content-Type does no harm.
  app.useBodyParser('json', { limit: '64kb', type: () => true });
  serveDocumentation(app);
  return app;
}
