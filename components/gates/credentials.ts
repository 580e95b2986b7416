/** Credentials of one gate's run: read from the cluster when needed, and taken out of everything the gate says. */
import type { Cluster } from './cluster.ts';
import type { SecretKeyRef } from './refs.ts';

export class Credentials {
  readonly #cluster: () => Promise<Cluster>;
  readonly #known = new Set<string>();

  constructor(cluster: () => Promise<Cluster>) {
    this.#cluster = cluster;
  }

  /** @throws when the Secret or its key is not there, naming both */
  async read({ namespace, name, key }: SecretKeyRef): Promise<string> {
    const { core } = await this.#cluster();
    const { data } = await core.readNamespacedSecret({ namespace, name });
    const encoded = data?.[key];
    if (encoded === undefined) {
      const keys = Object.keys(data ?? {}).join(', ') || 'none';
      throw new Error(`Secret ${namespace}/${name} has no key "${key}"; its keys: ${keys}`);
    }
    const value = Buffer.from(encoded, 'base64').toString('utf8');
    this.protect(value);
    return value;
  }

  /** From now on the value does not appear in what {@link redact} returns, in any of its usual spellings. */
  protect(value: string): void {
    if (value === '') return;
    for (const form of [
      value,
      encodeURIComponent(value),
      JSON.stringify(value).slice(1, -1),
      Buffer.from(value).toString('base64'),
      Buffer.from(value).toString('base64url'),
    ]) {
      this.#known.add(form);
    }
  }

  redact(text: string): string {
    // The longest first: one form may contain another.
    return [...this.#known]
      .toSorted((a, b) => b.length - a.length)
      .reduce((rest, form) => rest.replaceAll(form, '***'), text);
  }
}
