/** Backups of the database. The only door of this folder. */
export { PreReleaseBackup, type PreReleaseBackupArgs } from './pre-release.ts';
