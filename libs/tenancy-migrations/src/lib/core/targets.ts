import type { SchemaName } from './names';

/** One of the two ordered lists of migrations. */
export type Track = 'public' | 'tenant';

/** What every target has: where it lives and where its history is kept. */
interface AnyTarget {
  readonly schema: string;
  /** The table in {@link schema} that lists the applied migrations; TypeORM's own columns. */
  readonly historyTable: string;
  /** Must the history be there? A tenant that has a role has one; in public it comes with init-public. */
  readonly hasHistory: boolean;
  /** Advisory lock key: 0 for the public schema, the tenant's id otherwise. Never derived from a name. */
  readonly lockKey: number;
  /** False for the library's own tables, whose migrations create the journal. */
  readonly journaled: boolean;
}

/** The public schema, as a target of the product's public track or of the library's own migrations. */
export interface PublicTarget extends AnyTarget {
  readonly track: 'public';
  readonly schema: 'public';
}

/** A tenant's schema, as a target of the tenant track. */
export interface TenantTarget extends AnyTarget {
  readonly track: 'tenant';
  readonly schema: SchemaName;
  readonly tenantId: number;
  /** The role that a migration runs as; it owns what it makes in the schema. */
  readonly role: string;
}

/** A (track, schema) pair: the unit that is locked, planned, upgraded and reported. */
export type Target = PublicTarget | TenantTarget;

/** TypeORM's default name, so that people can come and leave. */
const HISTORY_TABLE = 'migrations';
const PUBLIC_LOCK_KEY = 0;

/** The product's public track. */
export const PUBLIC_TARGET: PublicTarget = {
  track: 'public', schema: 'public', historyTable: HISTORY_TABLE, hasHistory: false, lockKey: PUBLIC_LOCK_KEY, journaled: true,
};

/** The library's own tables, with a history of their own: they come before the product's public migrations, whatever the config. */
export const ENGINE_TARGET: PublicTarget = {
  track: 'public', schema: 'public', historyTable: 'tenancy_migrations', hasHistory: false, lockKey: PUBLIC_LOCK_KEY, journaled: false,
};

/** Where a target's history is kept: all that is needed to read how it stands. */
export type HistoryPlace = Pick<Target, 'track' | 'schema' | 'historyTable' | 'hasHistory'>;

/** The history of a schema of the tenant track, whether there is a tenant or not. */
export function tenantHistory(schema: SchemaName, hasHistory: boolean): HistoryPlace {
  return { track: 'tenant', schema, historyTable: HISTORY_TABLE, hasHistory };
}

/** The target of a tenant. */
export function tenantTarget(tenant: { readonly id: number; readonly schema: SchemaName; readonly role: string }): TenantTarget {
  return {
    track: 'tenant', schema: tenant.schema, historyTable: HISTORY_TABLE, hasHistory: true, lockKey: tenant.id, journaled: true, tenantId: tenant.id, role: tenant.role,
  };
}
