/** Stores the dump that the container before has written, and says where. */
import { seal, store, type Place } from './store.ts';

const told = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
};

const now = new Date().toISOString().slice(0, 19).replaceAll(':', '');
const place: Place = {
  ...{ endpoint: told('ENDPOINT'), bucket: told('BUCKET'), region: 'us-east-1' },
  ...{ accessKey: told('ACCESS_KEY'), secretKey: told('SECRET_KEY') },
  key: `${told('PGDATABASE')}/${now}Z-${told('ATTEMPT')}.dump`,
};
try {
  const stored = await store(told('DUMP'), place);
  await seal(place, stored);
  console.log(`stored ${place.bucket}/${place.key}: ${stored.bytes} bytes, sha256 ${stored.sha256}`);
} catch (thrown) {
  console.error(`not stored: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  process.exitCode = 1;
}
