/** Certificates that cert-manager keeps: issued as their newest spec asks, valid now, and for the names they are to prove. */
import { X509Certificate } from 'node:crypto';
import { SUBJECT } from '../../core/index.ts';
import { error, fail, pass, together, type Reading } from '../judge.ts';
import type { Probe } from '../probe.ts';
import type { CertificateQuestion } from '../questions.ts';

/** The part of a Certificate that is judged. */
export interface IssuedCertificate {
  readonly metadata: {
    readonly name: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly secretName: string; readonly dnsNames?: readonly string[] };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
      readonly observedGeneration?: number;
    }[];
  };
}

export const certificates: Probe<CertificateQuestion> = async (question, attempt) => {
  const { config } = await attempt.cluster();
  const { CustomObjectsApi } = await import('@kubernetes/client-node');
  const api = config.makeApiClient(CustomObjectsApi);
  const kind = { group: 'cert-manager.io', version: 'v1', plural: 'certificates' } as const;
  return together(
    await Promise.all(
      question.certificates.map(async ({ namespace, name }) => {
        const live = (await api.getNamespacedCustomObject({ ...kind, namespace, name })) as IssuedCertificate;
        const shut = notReady(live, attempt.subjects?.[name]);
        if (shut !== undefined) return shut;
        const key = { namespace, name: live.spec.secretName, key: 'tls.crt' };
        return judge(live, new X509Certificate(await attempt.credentials.read(key)), Date.now());
      }),
    ),
  );
};

/** Why nothing can be said of the certificate itself yet. Pure. */
export function notReady({ metadata, status }: IssuedCertificate, subject: string | undefined): Reading | undefined {
  const { name, generation, annotations } = metadata;
  const declared = annotations?.[SUBJECT];
  if (subject === undefined || declared !== subject) {
    const wanted = subject ?? 'a subject, and the gate was given none';
    return error(
      `what is live is not the subject: Certificate ${name} carries ${declared ?? 'none'}; wanted ${wanted}`,
    );
  }
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready === undefined || (ready.observedGeneration ?? 0) < (generation ?? 0)) {
    return error(`Certificate ${name}: cert-manager has not taken up its newest spec yet`);
  }
  if (ready.status === 'True') return undefined;
  // The condition that says what is being done about it says more than the one that says it is not done.
  const issuing = status?.conditions?.find(({ type, status: is }) => type === 'Issuing' && is === 'True');
  return fail(
    name,
    `Certificate ${name} is not ready: ${issuing?.message ?? ready.message ?? ready.reason ?? 'unsaid'}`,
  );
}

/** What an issued certificate is worth at that time. Pure. */
export function judge({ metadata, spec }: IssuedCertificate, certificate: X509Certificate, now: number): Reading {
  const until = new Date(certificate.validTo);
  const issuer = /CN=([^\n]*)/.exec(certificate.issuer)?.[1] ?? certificate.issuer;
  const seen = `${metadata.name}: until ${until.toISOString()}, from ${issuer}, serial ${certificate.serialNumber}`;
  const proven = (certificate.subjectAltName ?? '')
    .split(', ')
    .map((entry) => entry.replace(/^DNS:/, '').toLowerCase());
  const missing = (spec.dnsNames ?? []).filter((name) => !proven.includes(name.toLowerCase()));
  if (missing.length > 0) return fail(seen, `${metadata.name}: the certificate is not for ${missing.join(', ')}`);
  if (until.getTime() <= now) return fail(seen, `${metadata.name}: the certificate has expired`);
  if (new Date(certificate.validFrom).getTime() > now) {
    return fail(seen, `${metadata.name}: the certificate is not valid yet`);
  }
  return pass(seen);
}
