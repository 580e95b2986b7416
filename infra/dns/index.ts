/** Names and certificates at AWS. The only door of this folder. */
export { Certificate, type CertificateArgs } from './certificate.ts';
export { Names, type Issuer, type NamesArgs, type Target } from './names.ts';
export type { Zone } from './zone.ts';
