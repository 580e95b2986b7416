/** A client that stores and reads back without end, as an application inside does: with retries, and a checksum of its own. */
import type { Lodger } from '../lodger.ts';
import { until } from '../until.ts';

/** The store's certificate is checked by the authority of the platform. */
const AUTHORITY = `
authority = '/tmp/ca.crt'
with open(authority, 'w') as file: file.write(os.environ['CA'])
`;

/**
 * Threads that each store an object, read it and one of the earlier ones back, and compare. Prints one line each:
 * `put <key> <sha256> <retries> <seconds>`, `get <key> <retries> <seconds>`, `failed <what> <error>`, `differs <key>`.
 */
const WORKER = `
import hashlib, os, random, sys, threading, time
import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
${AUTHORITY}bucket, prefix, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
lock, stored, end = threading.Lock(), [], f'/tmp/{prefix}.end'

def say(*words):
    with lock: print(*words)

def digest_of(answer):
    return {**answer, 'digest': hashlib.sha256(answer['Body'].read()).hexdigest()}

# The library gives up after some tries; an application has its work to do. An object that a node was writing when it was lost
# stays locked until the others give its locks up: that takes a minute. 499 are the last words of a node that is killed: it
# takes its own end for the client's.
PATIENCE = 240
def again(ask):
    begun, sent = time.monotonic(), 0
    while True:
        try:
            answer = ask()
            return sent + answer['ResponseMetadata']['RetryAttempts'], round(time.monotonic() - begun, 1), answer
        except (BotoCoreError, ClientError) as error:
            refused = isinstance(error, ClientError) and error.response['ResponseMetadata']['HTTPStatusCode'] not in (499, 503)
            if refused or time.monotonic() - begun > PATIENCE: raise
            sent += 1
            time.sleep(0.2)

# Nodes give a lost one up when a connection to it is not made within 10 s. Whoever asks and gives up before takes his request
# with him, and they find out nothing.
def work(number):
    config = Config(connect_timeout=1, read_timeout=20, retries={'mode': 'standard', 'total_max_attempts': 3}, s3={'addressing_style': 'path'})
    # Each thread a session of its own: making clients of a shared one is not safe.
    client = boto3.session.Session().client('s3', endpoint_url='https://minio:9000', verify=authority, region_name='us-east-1', config=config,
                          aws_access_key_id=os.environ['ACCESS'], aws_secret_access_key=os.environ['SECRET'])
    count = 0
    while not os.path.exists(end):
        count += 1
        key = f'{prefix}/{number}-{count}'
        data = random.randbytes(random.choice([200, 20_000, 300_000]))
        digest = hashlib.sha256(data).hexdigest()
        try:
            say('put', key, digest, *again(lambda: client.put_object(Bucket=bucket, Key=key, Body=data))[:2])
        except (BotoCoreError, ClientError) as error:
            say('failed', 'put', type(error).__name__, error)
            continue
        with lock:
            stored.append((key, digest))
            look = [stored[-1], random.choice(stored)]
        for name, wanted in look:
            try:
                *spent, found = again(lambda: digest_of(client.get_object(Bucket=bucket, Key=name)))
                say(*(('get', name, *spent) if found['digest'] == wanted else ('differs', name)))
            except (BotoCoreError, ClientError) as error:
                say('failed', 'get', type(error).__name__, error)
        time.sleep(0.05)

workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
for worker in workers: worker.start()
for worker in workers: worker.join()
print('ended')
`;

/** Reads every object of standard input's lines back. Prints what is not as it was stored, and at the end how many were. */
const READER = `
import hashlib, os, sys
from multiprocessing.pool import ThreadPool
import boto3
from botocore.config import Config
${AUTHORITY}config = Config(connect_timeout=1, read_timeout=20, retries={'mode': 'standard', 'total_max_attempts': 10}, s3={'addressing_style': 'path'})
client = boto3.client('s3', endpoint_url='https://minio:9000', verify=authority, region_name='us-east-1', config=config,
                      aws_access_key_id=os.environ['ACCESS'], aws_secret_access_key=os.environ['SECRET'])
def differs(entry):
    key, digest = entry.split('=')
    return hashlib.sha256(client.get_object(Bucket=sys.argv[1], Key=key)['Body'].read()).hexdigest() != digest and key
with ThreadPool(8) as pool: differing = pool.map(differs, sys.argv[2].split())
for key in filter(None, differing): print('differs', key)
print('good', differing.count(False))
`;

export interface Load {
  /** What was stored so far, acknowledged: checksum by key. */
  readonly stored: ReadonlyMap<string, string>;
  readonly reads: number;
  /** Requests that the client had to send again. */
  readonly retried: number;
  /** Seconds that one request took at the most, with all its tries. */
  readonly longest: number;
  /** Seconds in which none of the clients had an answer, at the most. */
  readonly gap: number;
  /** What failed in spite of that, and what was read back as something else: none is wanted. */
  readonly failures: readonly string[];
  readonly stop: () => Promise<void>;
}

/** @param client the lodger's own name */
export function load(lodger: Lodger, client: string, bucket: string, prefix: string, threads = 8): Load {
  const [stored, failures] = [new Map<string, string>(), [] as string[]];
  const counted = { reads: 0, retried: 0, longest: 0, gap: 0, last: performance.now() };
  let ended = false;
  const errand = lodger.start(WORKER, [bucket, prefix, String(threads)], (line) => {
    const [what, key, ...rest] = line.split(' ');
    if (what === 'ended') ended = true;
    else if (what === 'put') stored.set(key!, rest[0]!);
    else if (what === 'get') counted.reads += 1;
    else failures.push(line);
    if (what !== 'put' && what !== 'get') return;
    const [tries, seconds] = rest.slice(-2).map(Number) as [number, number];
    const now = performance.now();
    if (tries > 0) counted.retried += 1;
    counted.longest = Math.max(counted.longest, seconds);
    counted.gap = Math.max(counted.gap, (now - counted.last) / 1000);
    counted.last = now;
  });
  return {
    stored,
    failures,
    get reads() {
      return counted.reads;
    },
    get retried() {
      return counted.retried;
    },
    get longest() {
      return counted.longest;
    },
    get gap() {
      return counted.gap;
    },
    stop: async () => {
      // Whoever is killed from outside goes on inside.
      await lodger.exec(client, undefined, ['touch', `/tmp/${prefix}.end`]);
      await until('the client has ended', () => Promise.resolve(ended));
      await errand.stop();
    },
  };
}

/** An argument of a command has a limit. */
const AT_ONCE = 500;

/** How many of the objects are read back as they were stored; those that are not are named. */
export async function readBack(
  lodger: Lodger,
  bucket: string,
  stored: ReadonlyMap<string, string>,
): Promise<{ good: number; differing: string[] }> {
  const entries = [...stored].map(([key, digest]) => `${key}=${digest}`);
  const result = { good: 0, differing: [] as string[] };
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    const said = await lodger.python(READER, bucket, entries.slice(at, at + AT_ONCE).join(' '));
    for (const line of said.trim().split('\n')) {
      const [what, value] = line.split(' ');
      if (what === 'good') result.good += Number(value);
      else result.differing.push(value!);
    }
  }
  return result;
}
