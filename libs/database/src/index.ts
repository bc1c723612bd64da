export { sampleProduct } from './product';
export { Country } from './public/entities/country.entity';
export { GlobalSetting } from './public/entities/global-setting.entity';
export { Person, PersonStatus } from './tenant/entities/person.entity';
export { TenantProfile } from './tenant/entities/tenant-profile.entity';
