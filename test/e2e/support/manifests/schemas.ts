/**
 * Objects against the published OpenAPI of a Kubernetes version, more strictly than its authors wrote it: a field that is
 * not described is an error, and so is a quantity that is none. Objects of added kinds are held to their own definitions.
 */
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import type { OpenApi } from '../../../../infra/sandbox/build/openapi.ts';
import type { Manifest } from '../../../engine/support/planned.ts';

type Schema = Record<string, any>;

const QUANTITY = {
  anyOf: [
    { type: 'number' },
    { type: 'string', pattern: '^[+-]?(\\d+|\\d+\\.\\d*|\\.\\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\\d+)?$' },
  ],
};
const INT_OR_STRING = { anyOf: [{ type: 'integer' }, { type: 'string' }] };

/** Definitions whose published form says less, or something else, than the API takes. */
const OWN: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': QUANTITY,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': INT_OR_STRING,
  // Any JSON.
  'io.k8s.apimachinery.pkg.runtime.RawExtension': {},
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': {},
};

/** A schema whose objects hold nothing that is not described. Parts of combinations only narrow what the whole describes: they stay. */
function strict(schema: Schema): Schema {
  if (schema['x-kubernetes-int-or-string'] === true) return INT_OR_STRING;
  const { properties, items, additionalProperties, pattern, ...rest } = schema;
  // Go's way of saying "in either case", which is not JavaScript's: the API server checks those.
  const foreign = typeof pattern === 'string' && pattern.includes('(?i)');
  const open =
    schema['x-kubernetes-preserve-unknown-fields'] === true || schema['x-kubernetes-embedded-resource'] === true;
  return {
    ...rest,
    ...(pattern !== undefined && !foreign && { pattern }),
    ...(properties !== undefined && { properties: mapped(properties) }),
    ...(items !== undefined && { items: strict(items) }),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: strict(additionalProperties) }
      : { ...(properties !== undefined && !open && { additionalProperties: false }) }),
  };
}

const mapped = (properties: Schema): Schema =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, strict(schema as Schema)]));

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const keyOf = ({ group, version, kind }: Kind): string => `${group}/${version} ${kind}`;

/** Absolute, so that a reference means the same in every schema. */
const ROOT = 'schema://kubernetes/';

function kindOf({ apiVersion, kind }: Manifest): Kind {
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion];
  return { group, version, kind };
}

const told = ({ dataPath, message = '', params }: ErrorObject): string => {
  const { additionalProperty } = params as { additionalProperty?: string };
  return additionalProperty === undefined
    ? `${dataPath || '.'} ${message}`
    : `${dataPath}.${additionalProperty}: unknown field`;
};

/** The judge of one Kubernetes version, and of the kinds that the given definitions add to it. */
export class Schemas {
  readonly #ajv = new Ajv({ allErrors: true, nullable: true, unknownFormats: 'ignore', format: false, logger: false });
  readonly #names = new Map<string, string>();
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor({ definitions }: OpenApi, crds: readonly Manifest[]) {
    const all = Object.entries(definitions).map(([name, schema]) => [name, OWN[name] ?? strict(schema)]);
    this.#ajv.addSchema({ $id: ROOT, definitions: Object.fromEntries(all) });
    for (const [name, schema] of Object.entries(definitions)) {
      for (const kind of (schema['x-kubernetes-group-version-kind'] ?? []) as Kind[]) {
        this.#names.set(keyOf(kind), `${ROOT}#/definitions/${name}`);
      }
    }
    for (const { spec } of crds) {
      for (const { name: version, served, schema } of spec.versions) {
        if (served !== true) continue;
        const kind: Kind = { group: spec.group, version, kind: spec.names.kind };
        const root = strict(schema.openAPIV3Schema as Schema);
        const metadata = { $ref: `${ROOT}#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta` };
        const text = { type: 'string' };
        const properties = { ...root.properties, apiVersion: text, kind: text, metadata };
        const id = `${ROOT}${spec.group}/${version}/${kind.kind}`;
        this.#ajv.addSchema({ ...root, $id: id, properties });
        this.#names.set(keyOf(kind), id);
      }
    }
  }

  /** How many kinds it knows. */
  get size(): number {
    return this.#names.size;
  }

  /** What is wrong with an object; nothing where all is well. */
  problems(object: Manifest): string[] {
    const key = keyOf(kindOf(object));
    const name = this.#names.get(key);
    if (name === undefined) return [`${key}: no such kind`];
    let validate = this.#compiled.get(name);
    if (validate === undefined) {
      validate = this.#ajv.getSchema(name) as ValidateFunction;
      this.#compiled.set(name, validate);
    }
    return validate(object) === true ? [] : (validate.errors ?? []).map(told);
  }
}
