/** A host on EC2 that runs Docker. The only door of this folder. */
export { HostProfile, type HostProfileArgs } from './profile.ts';
export { Host, type DataDisk, type HostArgs, type KeyPairSettings } from './host.ts';
export { envFile, HostSecret, type HostSecretArgs } from './secret.ts';
