/** Certificates for a test: an authority, and what it signs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../../infra/sandbox/host/run.ts';

export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  readonly ca: string;
  /** A certificate for the names, with a key of its own. */
  sign(...names: readonly string[]): Promise<Pair>;
  remove(): void;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;

export async function authority(): Promise<Authority> {
  const folder = mkdtempSync(join(tmpdir(), 'edge-ca-'));
  const at = (file: string): string => join(folder, file);
  const openssl = (...args: readonly string[]): Promise<string> => run(['openssl', ...args]);
  const subject = ['-subj', '/CN=edge tests'] as const;
  await openssl('req', '-x509', ...CURVE, ...subject, '-days', '2', '-keyout', at('ca.key'), '-out', at('ca.crt'));
  let signed = 0;
  return {
    ca: readFileSync(at('ca.crt'), 'utf8'),
    sign: async (...names) => {
      const id = `leaf-${(signed += 1)}`;
      writeFileSync(
        at(`${id}.ext`),
        `subjectAltName=${names.map((name) => `${/^[0-9.]+$/.test(name) ? 'IP' : 'DNS'}:${name}`).join(',')}\n`,
      );
      await openssl('req', ...CURVE, '-subj', `/CN=${names[0]!}`, '-keyout', at(`${id}.key`), '-out', at(`${id}.csr`));
      const from = ['-in', at(`${id}.csr`), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial'];
      await openssl('x509', '-req', ...from, '-days', '1', '-extfile', at(`${id}.ext`), '-out', at(`${id}.crt`));
      return { certificate: readFileSync(at(`${id}.crt`), 'utf8'), key: readFileSync(at(`${id}.key`), 'utf8') };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
