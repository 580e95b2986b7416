/** Certificates: who signs them, and what they are for. The only door of this folder. */
export {
  Acme,
  Authority,
  SOLVER_PODS,
  type AcmeArgs,
  type AuthorityArgs,
  type IssuerRef,
  type Solver,
} from './issuer.ts';
export { serviceNames, ServerCertificate, type ServerCertificateArgs } from './certificate.ts';
