/** The few calls of MinIO's admin API that S3 has no words for: where a bucket is copied to, and who may do what. */
import type { Client } from 'minio';
import { seal } from './seal.ts';

/** Where a bucket's objects are copied to, as the server knows it. */
export interface RemoteTarget {
  readonly arn: string;
  /** `host:port` */
  readonly endpoint: string;
  readonly targetbucket: string;
  readonly secure: boolean;
  readonly type: string;
  readonly credentials?: { readonly accessKey?: string };
}

/** A target to be, with the credentials that the server uses there. */
export interface NewTarget {
  readonly endpoint: string;
  readonly bucket: string;
  readonly secure: boolean;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** What the admin API is asked here. */
export interface Admin {
  targets(bucket: string): Promise<RemoteTarget[]>;
  /** @returns its name at the server */
  setTarget(bucket: string, target: NewTarget, known?: string): Promise<string>;
  removeTarget(bucket: string, arn: string): Promise<void>;
  /** Makes the user, or gives it this secret key. */
  setUser(accessKey: string, secretKey: string): Promise<void>;
  /** The policies of a user, and whether it may sign in; nothing where there is no such user. */
  user(accessKey: string): Promise<{ readonly policies: readonly string[]; readonly enabled: boolean } | undefined>;
  setPolicy(name: string, policy: string): Promise<void>;
  /** The text of a policy; nothing where there is none of that name. */
  policy(name: string): Promise<string | undefined>;
  attach(policy: string, accessKey: string): Promise<void>;
}

const MISSING = ['XMinioAdminNoSuchUser', 'XMinioAdminNoSuchPolicy'];
/** Refusals come as JSON, which the client takes for XML: they are read here. */
const REFUSALS = [400, 403, 404, 409, 500, 501, 503];

/** @param secretKey the client's own; what is secret travels sealed with it */
export function adminOf(client: Client, secretKey: string): Admin {
  const call = async (method: string, what: string, query: Record<string, string>, body: string | Buffer = '') => {
    // The client knows objects only: to it, the API is a bucket named after the server, with a folder.
    const path = { bucketName: 'minio', objectName: `admin/v3/${what}`, query: new URLSearchParams(query).toString() };
    const answer = await client.makeRequestAsync({ method, ...path }, body, [200, 204, ...REFUSALS], 'us-east-1');
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
    if (REFUSALS.includes(answer.statusCode!)) throw refusal(what, answer.statusCode!, text);
    return text;
  };
  /** The answer, or nothing where what was asked about does not exist. */
  const ask = async <T>(what: string, query: Record<string, string>): Promise<T | undefined> => {
    try {
      return JSON.parse(await call('GET', what, query)) as T;
    } catch (thrown) {
      if (MISSING.includes((thrown as { code?: string }).code ?? '')) return undefined;
      throw thrown;
    }
  };
  return {
    targets: async (bucket) => (await ask<RemoteTarget[] | null>('list-remote-targets', { bucket, type: '' })) ?? [],
    setTarget: async (bucket, { bucket: targetbucket, accessKey, secretKey: theirs, ...rest }, known) => {
      const credentials = { accessKey, secretKey: theirs };
      const target = { ...rest, targetbucket, credentials, type: 'replication', path: 'auto', api: 's3v4' };
      const body = seal(secretKey, JSON.stringify({ ...target, ...(known !== undefined && { arn: known }) }));
      const change = known === undefined ? {} : { update: 'true', creds: 'true' };
      return JSON.parse(await call('PUT', 'set-remote-target', { bucket, ...change }, body)) as string;
    },
    removeTarget: async (bucket, arn) => {
      await call('DELETE', 'remove-remote-target', { bucket, arn });
    },
    setUser: async (accessKey, theirs) => {
      const body = seal(secretKey, JSON.stringify({ secretKey: theirs, status: 'enabled' }));
      await call('PUT', 'add-user', { accessKey }, body);
    },
    user: async (accessKey) => {
      const found = await ask<{ policyName?: string; status: string }>('user-info', { accessKey });
      if (found === undefined) return undefined;
      const policies = (found.policyName ?? '').split(',').filter((name) => name !== '');
      return { policies, enabled: found.status === 'enabled' };
    },
    setPolicy: async (name, policy) => {
      await call('PUT', 'add-canned-policy', { name }, policy);
    },
    policy: async (name) => {
      const found = await ask<unknown>('info-canned-policy', { name });
      return found === undefined ? undefined : JSON.stringify(found);
    },
    attach: async (policyName, userOrGroup) => {
      await call('PUT', 'set-user-or-group-policy', { policyName, userOrGroup, isGroup: 'false' });
    },
  };
}

/** The server's own words, and its code where it has one. */
function refusal(what: string, status: number, text: string): Error {
  const said = /^\s*\{/.test(text) ? (JSON.parse(text) as { Code?: string; Message?: string }) : {};
  const { Code: code = `HTTP ${status}`, Message: message = text.slice(0, 200) } = said;
  return Object.assign(new Error(`${what}: ${code}: ${message}`), { code });
}
