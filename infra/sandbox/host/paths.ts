/** Every place the sandbox writes to, in one file. Nothing outside these two folders outlives a running instance. */
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const CHECKOUT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The folder of this sandbox's own sources. */
export const SOURCES = join(CHECKOUT, 'infra/sandbox');

/** What is built or unpacked once and shared by every checkout and instance. Set `PLATFORM_CACHE` to move it. */
export const CACHE = resolve(process.env.PLATFORM_CACHE || join(homedir(), '.cache/platform'));

/** What belongs to one instance: its cluster, its Pulumi state, its keys. Set `PLATFORM_SANDBOX` to have another one. */
export const STATE = resolve(process.env.PLATFORM_SANDBOX || join(CHECKOUT, '.sandbox'));
