/**
 * Makes `crds/<addon>.json` from the Go modules that carry them: `node infra/addons/generate.ts`, after a change of a
 * version below. A machine needs Go, `unzip` and the module proxy for it; a plan needs none of them.
 *
 * Only the schema is kept. What was written for people (descriptions, messages) is left out: the modules' own pages have it,
 * and three quarters of the size go with it.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { canonical } from '../../components/core/index.ts';
import { checksum, FOLDER, type Definition, type Generated } from './crds.ts';

export interface Source {
  readonly module: string;
  readonly version: string;
  /** Folder of the module, or one file with several definitions. */
  readonly path: string;
  /** The kinds that are taken, by their plural name; the product or the add-on's own program uses each. */
  readonly kinds: readonly string[];
}

export const SOURCES: Readonly<Record<string, Source>> = {
  'aws-load-balancer-controller': {
    module: 'sigs.k8s.io/aws-load-balancer-controller',
    // Its v2.17.1: the module's path does not carry the 2, so Go knows the release by its commit alone.
    version: 'v0.0.0-20260109171550-3b9bdb1e3fb2',
    path: 'config/crd/bases',
    // The second one is watched by the controller, which does not start without it.
    kinds: ['targetgroupbindings', 'ingressclassparams'],
  },
  'cert-manager': {
    module: 'github.com/cert-manager/cert-manager',
    version: 'v1.21.2',
    path: 'deploy/crds',
    kinds: ['certificates', 'certificaterequests', 'issuers', 'clusterissuers', 'orders', 'challenges'],
  },
  keda: {
    module: 'github.com/kedacore/keda/v2',
    version: 'v2.21.0',
    path: 'config/crd/bases',
    kinds: [
      ...['scaledobjects', 'scaledjobs', 'triggerauthentications', 'clustertriggerauthentications'],
      // The operator watches these as well and does not start without them.
      ...['cloudeventsources', 'clustercloudeventsources'],
    ],
  },
  vpa: {
    module: 'k8s.io/autoscaler/vertical-pod-autoscaler',
    version: 'v1.8.1',
    path: 'deploy/vpa-v1-crd-gen.yaml',
    kinds: ['verticalpodautoscalers', 'verticalpodautoscalercheckpoints'],
  },
  'external-secrets': {
    module: 'github.com/external-secrets/external-secrets',
    version: 'v0.20.4',
    path: 'config/crds/bases',
    // The last one is watched by the operator, which does not start without it.
    kinds: ['externalsecrets', 'secretstores', 'generatorstates'],
  },
  'gateway-api': {
    module: 'sigs.k8s.io/gateway-api',
    version: 'v1.7.0',
    path: 'config/crd/standard',
    kinds: ['gatewayclasses', 'gateways', 'httproutes'],
  },
  'prometheus-operator': {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    path: 'example/prometheus-operator-crd',
    kinds: ['servicemonitors', 'prometheusrules'],
  },
};

type Json = Record<string, unknown>;

/** Annotations that the API server itself asks for: definitions of a `*.k8s.io` group must name their approval. */
const KEPT = /^api-approved\.kubernetes\.io$/;

/** A rule of several lines must have a message; it gets one that says no more than that. */
const REFUSED = 'refused by a rule of this kind';

const map = (of: unknown, to: (value: Json) => Json): Json =>
  Object.fromEntries(Object.entries((of ?? {}) as Record<string, Json>).map(([key, value]) => [key, to(value)]));

/** A schema without its prose. A property may itself be called `description`, so only the schema's own goes. */
export function bare(schema: Json): Json {
  const { description: _, externalDocs: __, example: ___, title: ____, ...rest } = schema;
  const each = (key: string): Json => (Array.isArray(rest[key]) ? { [key]: (rest[key] as Json[]).map(bare) } : {});
  const one = (key: string): Json =>
    typeof rest[key] === 'object' && !Array.isArray(rest[key]) ? { [key]: bare(rest[key] as Json) } : {};
  const rules = rest['x-kubernetes-validations'] as Json[] | undefined;
  return {
    ...rest,
    ...(rest['properties'] !== undefined && { properties: map(rest['properties'], bare) }),
    ...one('items'),
    ...one('additionalProperties'),
    ...one('not'),
    ...each('allOf'),
    ...each('anyOf'),
    ...each('oneOf'),
    ...(rules && {
      'x-kubernetes-validations': rules.map(({ message: _m, messageExpression: _e, ...rule }) => ({
        ...rule,
        ...(String(rule['rule']).includes('\n') && { message: REFUSED }),
      })),
    }),
  };
}

/** What is left of one definition. */
export function definition(object: Json): Definition {
  const { metadata, spec } = object as unknown as {
    metadata: { name: string; annotations?: Record<string, string> };
    spec: Json & { versions: (Json & { schema: { openAPIV3Schema: Json }; additionalPrinterColumns?: Json[] })[] };
  };
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => KEPT.test(key));
  return {
    name: metadata.name,
    ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
    spec: {
      ...spec,
      versions: spec.versions.map(({ schema, additionalPrinterColumns, ...version }) => ({
        ...version,
        ...(additionalPrinterColumns && {
          additionalPrinterColumns: additionalPrinterColumns.map(({ description: _, ...column }) => column),
        }),
        schema: { openAPIV3Schema: bare(schema.openAPIV3Schema) },
      })),
    },
  };
}

/** Where the module lies, checked by Go against its public checksum database. */
function download({ module, version }: Source): { Zip: string; Sum: string } {
  const args = ['mod', 'download', '-json', `${module}@${version}`];
  let text: string;
  try {
    text = execFileSync('go', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (thrown) {
    // A module that wants a newer compiler is fetched and checked all the same; only building it would fail.
    text = (thrown as { stdout?: string }).stdout ?? '';
  }
  const { Zip, Sum, Error: reason } = JSON.parse(text || '{}') as { Zip?: string; Sum?: string; Error?: string };
  if (Zip === undefined || Sum === undefined) throw new Error(`go ${args.join(' ')}: ${reason ?? 'gave nothing'}`);
  return { Zip, Sum };
}

export function generate(source: Source): Generated {
  const { Zip, Sum } = download(source);
  const pattern = `${source.module}@${source.version}/${source.path}${source.path.endsWith('.yaml') ? '' : '/*.yaml'}`;
  const text = execFileSync('unzip', ['-p', Zip, pattern], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  // Files of one folder are put one after the other, and not each begins a document of its own.
  const documents = loadAll(text.replace(/^(?=apiVersion:)/gm, '---\n')) as (Json | null)[];
  const found = documents
    .filter((object) => object?.['kind'] === 'CustomResourceDefinition')
    .map((o) => definition(o!));
  const crds = source.kinds.map((plural) => {
    const hits = found.filter(({ name }) => name.startsWith(`${plural}.`));
    if (hits.length !== 1) throw new Error(`${source.module}: found ${hits.length} kinds ${plural}; wanted one`);
    return hits[0]!;
  });
  return { module: source.module, version: source.version, sum: Sum, digest: checksum(crds), crds };
}

if (import.meta.main) {
  for (const [addon, source] of Object.entries(SOURCES)) {
    const { crds, ...origin } = generate(source);
    const lines = crds.map((crd) => `    ${canonical(crd)}`);
    const head = JSON.stringify(origin, null, 2).slice(0, -2);
    const text = `${head},\n  "crds": [\n${lines.join(',\n')}\n  ]\n}\n`;
    writeFileSync(join(FOLDER, `${addon}.json`), text);
    process.stdout.write(`${addon} ${source.version}: ${crds.length} kinds, ${Math.round(text.length / 1024)} KiB\n`);
  }
}
