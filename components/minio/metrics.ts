/** The token with which Prometheus reads MinIO's metrics. */
import { createHmac } from 'node:crypto';

/** The first second of the year 2100: the token ends with the root password, and a plan must not know the date. */
const END = 4_102_444_800;

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The JSON Web Token that `mc admin prometheus generate` makes, always the same for the same root user. */
export function metricsToken(accessKey: string, secretKey: string): string {
  const content = `${part({ alg: 'HS512', typ: 'JWT' })}.${part({ exp: END, iss: 'prometheus', sub: accessKey })}`;
  return `${content}.${createHmac('sha512', secretKey).update(content).digest('base64url')}`;
}
