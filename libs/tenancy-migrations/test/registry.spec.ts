import { createHash } from 'node:crypto';
import type { Migrator } from 'tenancy-migrations';
import { CreateNote, migration } from './support/migrations';
import { useTestbed } from './support/testbed';

const testbed = useTestbed();
let migrator: Migrator;
beforeAll(async () => {
  migrator = await testbed.open();
  await migrator.initPublic();
});

const sha256 = (text: unknown): string => createHash('sha256').update(String(text)).digest('hex');

describe('the registry', () => {
  it('has the columns of the original system, and those of this one', async () => {
    expect(await testbed.rows(`
      SELECT attname AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable
        FROM pg_attribute WHERE attrelid = 'public.tenant_registry'::regclass AND attnum > 0 ORDER BY attnum`)).toEqual([
      { name: 'id', type: 'integer', nullable: false },
      { name: 'tenant_name', type: 'character varying(255)', nullable: false },
      { name: 'domain', type: 'character varying(255)', nullable: true },
      { name: 'schema_name', type: 'character varying(63)', nullable: false },
      { name: 'api_key', type: 'character varying(255)', nullable: true },
      { name: 'status', type: 'character varying(20)', nullable: false },
      { name: 'is_active', type: 'boolean', nullable: false },
      { name: 'role_name', type: 'character varying(63)', nullable: true },
      { name: 'revision', type: 'character varying(255)', nullable: true },
      { name: 'revision_timestamp', type: 'bigint', nullable: true },
      { name: 'last_error', type: 'text', nullable: true },
      { name: 'created_at', type: 'timestamp with time zone', nullable: false },
      { name: 'updated_at', type: 'timestamp with time zone', nullable: false },
    ]);
  });

  it('has each domain, schema and key once', async () => {
    expect(await testbed.rows(`
      SELECT contype AS kind, pg_get_constraintdef(oid) AS columns FROM pg_constraint
       WHERE conrelid = 'public.tenant_registry'::regclass AND contype IN ('p', 'u') ORDER BY conname`)).toEqual([
      { kind: 'u', columns: 'UNIQUE (api_key)' }, { kind: 'u', columns: 'UNIQUE (domain)' },
      { kind: 'p', columns: 'PRIMARY KEY (id)' }, { kind: 'u', columns: 'UNIQUE (schema_name)' },
    ]);
  });

  it('derives is_active from the status, and lets nobody set it', async () => {
    await migrator.initTenant({ schema: 'derived' });
    expect(await testbed.registered('derived')).toMatchObject({ status: 'active', is_active: true });
    await testbed.rows(`UPDATE public.tenant_registry SET status = 'suspended' WHERE schema_name = 'derived'`);
    expect(await testbed.registered('derived')).toMatchObject({ is_active: false });
    await expect(testbed.rows(`UPDATE public.tenant_registry SET is_active = true WHERE schema_name = 'derived'`)).rejects.toMatchObject({
      code: '428C9',
    });
  });

  it('keeps a copy of the revision, which no older migration lowers', async () => {
    const [Second, Third] = [migration('Second', 2, 'SELECT 1'), migration('Third', 3, 'SELECT 1')];
    await (await testbed.open({ tenant: [CreateNote, Third] })).initTenant({ schema: 'copied' });
    await (await testbed.open({ tenant: [CreateNote, Second, Third] })).upgradeTenant('copied');
    expect(await testbed.registered('copied')).toMatchObject({ revision: Third.name, revision_timestamp: '1700000000003' });
  });

  it('lists tenants by id, a page at a time', async () => {
    for (const schema of ['page_a', 'page_b', 'page_c']) await migrator.initTenant({ schema });
    const all = await migrator.tenants();
    const { id } = await migrator.tenant('page_a');
    expect((await migrator.tenants({ after: id, limit: 1 })).map(({ schema }) => schema)).toEqual(['page_b']);
    expect(all.map((tenant) => tenant.id)).toEqual(all.map((tenant) => tenant.id).sort((a, b) => a - b));
    expect(Object.keys(all[0] ?? {})).not.toContain('apiKey');
  });
});

describe('an API key', () => {
  it('is 256 random bits, and stored as its SHA-256 digest only', async () => {
    const { apiKey } = await migrator.initTenant({ schema: 'keyed' });
    expect(Buffer.from(String(apiKey).replace('tmk_', ''), 'base64url')).toHaveLength(32);
    expect(await testbed.registered('keyed')).toMatchObject({ api_key: sha256(apiKey) });
  });

  it('ends when another replaces it', async () => {
    const { apiKey } = await migrator.initTenant({ schema: 'rotated' });
    const replacement = await migrator.rotateApiKey('rotated');
    expect(replacement).not.toBe(apiKey);
    expect(await testbed.registered('rotated')).toMatchObject({ api_key: sha256(replacement) });
  });

  it('is not made for a tenant that is unknown', async () => {
    await expect(migrator.rotateApiKey('nobody')).rejects.toMatchObject({ code: 'UNKNOWN_TENANT' });
  });

  it('is not made for a tenant whose birth is not finished, which is not unknown', async () => {
    await (await testbed.open({ tenant: [migration('Fails', 1, 'SELECT 1 / 0')] })).initTenant({ schema: 'unborn' });
    await expect(migrator.rotateApiKey('unborn')).rejects.toMatchObject({ code: 'TENANT_NOT_ACTIVE' });
    expect(await testbed.registered('unborn')).toMatchObject({ api_key: null });
  });
});

describe('a tenant is refused', () => {
  it('when nobody registered it', async () => {
    const unknown = { code: 'UNKNOWN_TENANT', message: expect.stringContaining('init-tenant --schema nobody') };
    await expect(migrator.status('nobody')).rejects.toMatchObject(unknown);
    await expect(migrator.upgradeTenant('nobody')).rejects.toMatchObject(unknown);
    expect(await testbed.value(`to_regnamespace('nobody')`)).toBeNull();
  });

  it('when its schema is there and somebody else made it, which stays as it was', async () => {
    await testbed.rows('CREATE SCHEMA foreign_one CREATE TABLE precious (id int)');
    await expect(migrator.initTenant({ schema: 'foreign_one' })).rejects.toMatchObject({
      code: 'UNREGISTERED_SCHEMA', fields: { schema: 'foreign_one' },
    });
    expect(await testbed.registered('foreign_one')).toBeUndefined();
    expect(await testbed.rows(`SELECT relname, relacl FROM pg_class WHERE relnamespace = 'foreign_one'::regnamespace`)).toEqual([
      { relname: 'precious', relacl: null },
    ]);
  });

  it('when its schema came up between registration and birth', async () => {
    await testbed.rows(`INSERT INTO public.tenant_registry (tenant_name, schema_name) VALUES ('raced', 'raced')`);
    await testbed.rows('CREATE SCHEMA raced');
    await expect(migrator.initTenant({ schema: 'raced' })).rejects.toMatchObject({ code: 'UNREGISTERED_SCHEMA' });
    expect(await testbed.value(`count(*)::int FROM pg_class WHERE relnamespace = 'raced'::regnamespace`)).toBe(0);
  });

  it('when another tenant has its domain', async () => {
    await migrator.initTenant({ schema: 'owner', domain: 'taken.example' });
    await expect(migrator.initTenant({ schema: 'second', domain: 'taken.example' })).rejects.toMatchObject({
      code: 'DOMAIN_TAKEN', fields: { domain: 'taken.example' },
    });
    expect(await testbed.registered('second')).toBeUndefined();
  });

  it('when it comes back with another domain, and is not told that another tenant has it', async () => {
    await migrator.initTenant({ schema: 'moving', domain: 'old.example' });
    await expect(migrator.initTenant({ schema: 'moving', domain: 'old.example' })).resolves.toMatchObject({ applied: [] });
    await expect(migrator.initTenant({ schema: 'moving', domain: 'new.example' })).rejects.toMatchObject({
      message: expect.not.stringContaining('another tenant'),
    });
    expect(await testbed.registered('moving')).toMatchObject({ domain: 'old.example' });
  });

  it.each(['suspended', 'archived'])('when it is %s', async (status) => {
    const schema = `is_${status}`;
    await migrator.initTenant({ schema });
    await testbed.rows('UPDATE public.tenant_registry SET status = $1 WHERE schema_name = $2', status, schema);
    const refusal = { code: 'TENANT_NOT_ACTIVE', fields: { schema, status } };
    await expect(migrator.initTenant({ schema })).rejects.toMatchObject(refusal);
    await expect(migrator.upgradeTenant(schema)).rejects.toMatchObject(refusal);
    await expect(migrator.status(schema)).resolves.toMatchObject({ upToDate: true });
  });

  it.each([
    '', 'Demo', '1st', 'a-b', 'a b', 'a"b', 'é', 'demo\n', 'a'.repeat(64),
    'public', 'information_schema', 'pg_temp', 'pg_x', 'extensions', 'tm_x', 'archived_x',
  ])(
    'when its schema would be called %j', async (schema) => {
      const calls = [migrator.initTenant({ schema }), migrator.upgradeTenant(schema), migrator.status(schema), migrator.dryRunInitTenant({ schema })];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'INVALID_NAME' });
    },
  );

  it.each([
    ['name', 'empty', ''], ['name', 'blank', ' '], ['name', 'too long', 'n'.repeat(256)], ['name', 'two lines', 'a\nb'],
    ['domain', 'empty', ''], ['domain', 'too long', 'd'.repeat(256)], ['domain', 'cut by a NUL', 'a\u0000b'],
  ])('when its %s would be %s', async (field, _, value) => {
    await expect(migrator.initTenant({ schema: 'unnamed', [field]: value })).rejects.toMatchObject({ code: 'INVALID_TENANT', fields: { field } });
    expect(await testbed.registered('unnamed')).toBeUndefined();
  });

  it('not when its name and its schema are as long as they may be', async () => {
    const schema = 'z'.repeat(63);
    await expect(migrator.initTenant({ schema, name: 'ü'.repeat(255) })).resolves.toMatchObject({ schema, applied: [CreateNote.name] });
    expect(await testbed.registered(schema)).toMatchObject({ status: 'active', tenant_name: 'ü'.repeat(255) });
  });
});
