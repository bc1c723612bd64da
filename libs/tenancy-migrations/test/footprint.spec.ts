import { expectApplied, expectRefused, LOGINS, ProbedTenant } from './support/probed-tenant';

/** What a role may lock of a shared table without having changed it, and how a change is told from that. */
describe.each(LOGINS)('The footprint of a tenant migration run by a %s login', (login) => {
  let tenant: ProbedTenant;
  beforeAll(async () => {
    tenant = await ProbedTenant.open({ login });
  });
  afterAll(() => tenant.close());

  it('admits that a foreign key to a shared table is dropped, made and dropped with its table', async () => {
    await expectApplied(tenant, 'ALTER TABLE things DROP CONSTRAINT things_country_fkey');
    await expectApplied(tenant, 'ALTER TABLE things ADD CONSTRAINT back FOREIGN KEY (country) REFERENCES public.country');
    await expectApplied(tenant, 'CREATE TABLE visits (country text REFERENCES public.country); DROP TABLE visits');
  });

  it('finds that a shared table was altered where a foreign key to it was dropped in the same step', () => expectRefused(tenant, `
    DO $$ DECLARE me text := current_user; BEGIN
      ALTER TABLE things DROP CONSTRAINT back;
      EXECUTE 'RESET' || ' ROLE'; ALTER TABLE public.country ALTER COLUMN name SET NOT NULL; EXECUTE format('SET%s %I', ' ROLE', me);
    END $$`, 'country'));
});
