/** The OpenAPI description of a Kubernetes version that is not the sandbox's: out of its Go module, checked by Go's checksum database. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifact, keyOf } from '../host/cache.ts';
import { run } from '../host/run.ts';

/** A schema, as far as anybody here looks into it. */
export interface OpenApi {
  readonly definitions: Readonly<Record<string, Record<string, unknown>>>;
}

/** @param version like `1.35.2`. Seconds and 4 MB, once */
export async function openApiOf(version: string): Promise<OpenApi> {
  const dir = await artifact(`openapi-${version}`, keyOf('swagger.json'), async (out) => {
    const env = { GOFLAGS: '-mod=mod', GOWORK: 'off' };
    const module = `k8s.io/kubernetes@v${version}`;
    const { Dir } = JSON.parse(await run(['go', 'mod', 'download', '-json', module], { cwd: out, env })) as {
      Dir: string;
    };
    copyFileSync(join(Dir, 'api/openapi-spec/swagger.json'), join(out, 'swagger.json'));
  });
  return JSON.parse(readFileSync(join(dir, 'swagger.json'), 'utf8')) as OpenApi;
}
