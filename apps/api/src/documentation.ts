import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** Serves the OpenAPI description: for people at /docs, for programs at /docs/json and /docs/yaml. */
export function serveDocumentation(app: INestApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Tenancy Migrations API')
    .setDescription('Provisions tenants, and tells how the public schema and each tenant\'s schema stand.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'The value of ADMIN_TOKEN.' })
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, description), { jsonDocumentUrl: 'docs/json', yamlDocumentUrl: 'docs/yaml' });
}
