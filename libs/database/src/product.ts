import type { ProductOptions } from 'tenancy-migrations';
import { Country } from './public/entities/country.entity';
import { GlobalSetting } from './public/entities/global-setting.entity';
import { CreateGlobalSetting1767312000000 } from './public/migrations/1767312000000-create-global-setting';
import { CreateCountry1767312000001 } from './public/migrations/1767312000001-create-country';
import { Person } from './tenant/entities/person.entity';
import { TenantProfile } from './tenant/entities/tenant-profile.entity';
import { CreateTenantAndPerson1767398400000 } from './tenant/migrations/1767398400000-create-tenant-and-person';
import { AddPersonStatus1767484800000 } from './tenant/migrations/1767484800000-add-person-status';
import { IndexPersonName1767571200000 } from './tenant/migrations/1767571200000-index-person-name';
import { AddTenantCountry1767657600000 } from './tenant/migrations/1767657600000-add-tenant-country';
import { BackfillPersonDisplayName1767744000000 } from './tenant/migrations/1767744000000-backfill-person-display-name';
import { IndexPersonEmail1767830400000 } from './tenant/migrations/1767830400000-index-person-email';

/** The sample product: what the global tables are, and what every tenant has. Both applications work with it. */
export const sampleProduct: ProductOptions = {
  public: {
    entities: [GlobalSetting, Country],
    migrations: [CreateGlobalSetting1767312000000, CreateCountry1767312000001],
  },
  tenant: {
    entities: [TenantProfile, Person],
    migrations: [
      CreateTenantAndPerson1767398400000,
      AddPersonStatus1767484800000,
      IndexPersonName1767571200000,
      AddTenantCountry1767657600000,
      BackfillPersonDisplayName1767744000000,
      IndexPersonEmail1767830400000,
    ],
  },
};
