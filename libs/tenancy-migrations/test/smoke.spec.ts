import { createTestDatabase } from '@workspace/postgres-testing';
import { openMigrator } from 'tenancy-migrations';
import { sampleProduct } from '@sample/database';
it.each(['superuser','createrole'] as const)('smoke %s', async (login) => {
  const db = await createTestDatabase({ login });
  const m = await openMigrator({ url: db.url, ...sampleProduct });
  const t: number[] = [];
  let s = performance.now();
  const lap = () => { t.push(Math.round(performance.now() - s)); s = performance.now(); };
  const r = await m.initPublic(); lap();
  const r2 = await m.initTenant({ schema: 'acme' }); lap();
  await m.initTenant({ schema: 'beta' }); lap();
  console.log(login, t, r, r2);
  await m.close(); await db.drop();
});
