import { expectRefused, LOGINS, ProbedTenant } from './support/probed-tenant';

/** Dropping a foreign key locks the shared table as altering it does. */
describe.each(LOGINS)('The footprint of a tenant migration run by a %s login', (login) => {
  let tenant: ProbedTenant;
  beforeAll(async () => {
    tenant = await ProbedTenant.open({ login });
  });
  afterAll(() => tenant.close());

  it('finds that a shared table was altered where a foreign key to it was dropped in the same step', () => expectRefused(tenant, `
    DO $$ DECLARE me text := current_user; BEGIN
      ALTER TABLE things DROP CONSTRAINT things_country_fkey;
      EXECUTE 'RESET' || ' ROLE'; ALTER TABLE public.country ALTER COLUMN name SET NOT NULL; EXECUTE format('SET%s %I', ' ROLE', me);
    END $$`, 'country'));
});
