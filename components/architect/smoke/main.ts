/**
 * Tries a running API out by B's 20 smoke tests: a line of JSON for each, and 1 where one fails. Travels into the cluster.
 *
 *   SMOKE_URL                where the API answers
 *   SMOKE_COOKIE_SECURE      whether the session's cookie has to be marked so (B-ENV-14)
 *   SMOKE_COOKIE_HTTPONLY    likewise (B-ENV-15)
 */
import { judged } from './checks.ts';
import { Client } from './client.ts';
import { smokeTests } from './tests.ts';

const { SMOKE_URL = '', SMOKE_COOKIE_SECURE, SMOKE_COOKIE_HTTPONLY } = process.env;
const client = new Client(SMOKE_URL);
await client.reached(30_000);
const { tests, end } = smokeTests({
  client,
  cookie: { secure: SMOKE_COOKIE_SECURE === 'true', httpOnly: SMOKE_COOKIE_HTTPONLY === 'true' },
});
const verdicts = await judged(tests);
// What was tried out must not stay; whether it could be taken away is no verdict on the API.
await end().catch((thrown: unknown) => console.error(`the user of the tests is left behind: ${String(thrown)}`));
for (const verdict of verdicts) console.log(JSON.stringify(verdict));
const failed = verdicts.filter(({ passed }) => !passed);
console.log(JSON.stringify({ passed: verdicts.length - failed.length, failed: failed.map(({ id }) => id) }));
process.exitCode = verdicts.length > 0 && failed.length === 0 ? 0 : 1;
