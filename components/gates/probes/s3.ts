/** The buckets of an S3 store: there, and open to the public exactly where they should be. */
import { Agent as PlainAgent, request as plain } from 'node:http';
import { Agent as SecureAgent, request as secure } from 'node:https';
import { Client, S3Error } from 'minio';
import { fail, pass, together, type Reading } from '../judge.ts';
import { reaching, type Probe } from '../probe.ts';
import type { S3Question } from '../questions.ts';
import type { Address } from '../reach.ts';

/** What a certificate is checked by; undefined where the store has none. */
type Trust = { readonly ca: string; readonly servername: string } | undefined;
type Bucket = S3Question['buckets'][number];

/** A key that nobody uses: a store that lets the public read says "no such key" to it, another one "denied". */
const ABSENT = 'platform-gate-asks-for-an-object-that-is-not-there';

export const s3: Probe<S3Question> = async (question, attempt) => {
  const { credentials, signal } = attempt;
  const accessKey = await credentials.read(question.accessKey);
  const secretKey = await credentials.read(question.secretKey);
  const trust = question.tls && {
    ca: await credentials.read(question.tls.authority),
    servername: question.tls.serverName,
  };
  return reaching(question.target, attempt, async (address) => {
    // The library knows no signal; without their agent its requests end.
    const transportAgent = trust ? new SecureAgent(trust) : new PlainAgent();
    const stop = (): void => transportAgent.destroy();
    signal.addEventListener('abort', stop, { once: true });
    const client = new Client({
      ...{ endPoint: address.host, port: address.port, accessKey, secretKey },
      useSSL: trust !== undefined,
      transportAgent,
      pathStyle: true,
      // Otherwise the library asks for each bucket's region first.
      region: 'us-east-1',
      // The gate has patience of its own.
      retryOptions: { disableRetry: true },
    });
    try {
      const readings: Reading[] = [];
      if (question.live === true) readings.push(await lives(address, trust, signal));
      for (const bucket of question.buckets) readings.push(await judged(client, bucket, address, trust, signal));
      return together(readings);
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  });
};

async function lives(address: Address, trust: Trust, signal: AbortSignal): Promise<Reading> {
  const status = await anonymous(address, trust, '/minio/health/live', signal);
  return status === 200
    ? pass('live')
    : fail(`live ${status}`, `GET /minio/health/live answered ${status}; wanted 200`);
}

async function judged(
  client: Client,
  bucket: Bucket,
  address: Address,
  trust: Trust,
  signal: AbortSignal,
): Promise<Reading> {
  const { name, anonymousDownload } = bucket;
  try {
    const key = (await anObject(client, name)) ?? ABSENT;
    const path = `/${name}/${key.split('/').map(encodeURIComponent).join('/')}`;
    const status = await anonymous(address, trust, path, signal);
    const open = status === 200 || status === 206 || (key === ABSENT && status === 404);
    if (!open && status !== 403) return fail(name, `an anonymous download from ${name} answered ${status}`);
    if (open !== anonymousDownload) {
      const [is, wanted] = open ? ['allowed', 'denied'] : ['denied', 'allowed'];
      return fail(name, `anonymous download from ${name} is ${is}; wanted it ${wanted}`);
    }
    return pass(`${name} (${open ? 'public' : 'private'})`);
  } catch (thrown) {
    const { code } = thrown as { code?: string };
    if (!(thrown instanceof S3Error) || code === undefined) throw thrown;
    if (code === 'NoSuchBucket') return fail(`no ${name}`, `bucket ${name} is missing`);
    // The store is not up yet; it passes by itself.
    if (/^(SlowDown|ServiceUnavailable|XMinioServerNotInitialized)$/.test(code)) throw thrown;
    return fail('', `S3, bucket ${name}: ${thrown.message} (${code})`);
  }
}

/**
 * Any one object of the bucket: what the public gets is best asked with something that is there. Asking for a list also
 * proves bucket and credentials, and unlike the shorter question whether the bucket exists, its refusal has a reason.
 */
async function anObject(client: Client, bucket: string): Promise<string | undefined> {
  const objects = client.listObjectsV2(bucket, '', true);
  for await (const item of objects as AsyncIterable<{ name?: string }>) {
    objects.destroy();
    if (item.name !== undefined) return item.name;
  }
  return undefined;
}

/** The status of a request without credentials. Of an object, only its first byte is asked for. */
const anonymous = ({ host, port }: Address, trust: Trust, path: string, signal: AbortSignal): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { connection: 'close', range: 'bytes=0-0' };
    const options = { host, port, path, signal, headers, agent: false, ...trust } as const;
    const call = (trust ? secure : plain)(options, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    call.on('error', reject);
    call.end();
  });
