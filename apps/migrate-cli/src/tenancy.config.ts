import { sampleProduct } from '@sample/database';

/** What the program migrates when neither --config nor TENANCY_CONFIG names another product. The published package leaves this file out. */
export default sampleProduct;
