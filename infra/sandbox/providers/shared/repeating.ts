/**
 * A plugin that only plans: it repeats the inputs of a resource, says of everything else that it is not known yet, and
 * creates nothing. Applied to a backend that is thrown away, it makes the rest up.
 */
import { changes, type Change } from './changes.ts';
import { declared } from './declared.ts';
import { diffResponse } from './differ.ts';
import { announceEcho, applyingEcho } from './echo.ts';
import { hexOf, madeOf, notYet, type MakeUp } from './made.ts';
import { provider, type Provider } from './proto.ts';
import { configured, serve } from './serve.ts';
import { fromStruct, revealAll, toStruct, type Tree, type Value } from './values.ts';

export interface Repeating {
  readonly name: string;
  /** A value that the provider would have made. */
  readonly makeUp: (settings: Tree) => MakeUp;
  /** What the provider itself knows while it plans, beyond the inputs. */
  readonly known?: (settings: Tree, inputs: Tree) => Tree;
  /** The id of a resource that the plan is applied for. */
  readonly id: (token: string, given: Tree, hex: (length: number) => string, settings: Tree) => string;
  /** Whether a change means another resource. */
  readonly replaces: (token: string, change: Change) => boolean;
}

const typeOf = (urn: string): string => urn.split('::')[2]!.split('$').at(-1)!;

/** The settings of a provider come as text, those that are no text as JSON. */
function parsed(settings: Tree): Tree {
  const value = (text: Value): Value =>
    typeof text === 'string' && /^[[{]/.test(text) ? (JSON.parse(text) as Value) : text;
  return Object.fromEntries(Object.entries(settings).map(([key, text]) => [key, value(text)]));
}

/** Serves it. */
export async function repeat(served: Repeating): Promise<void> {
  const kinds = declared(served.name, process.cwd());
  let settings: Tree = {};

  const refuse = (what: string, urn: string): never => {
    throw new Error(
      `${urn.split('::').at(-1)!} was not ${what}, nothing was created or changed: this project's own ${served.name} plugin ` +
        `only plans. Install the official one: pulumi plugin install resource ${served.name} ${kinds.version}`,
    );
  };

  // The SDK itself refuses what is missing, and takes no property that its types do not have.
  function check(request: Provider.CheckRequest): Provider.CheckResponse {
    const response = new provider.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  }

  /** @param preview of the plan that is shown, not of one that is applied to nothing */
  function properties(urn: string, given: Tree, before: Tree, preview: boolean): Tree {
    const token = typeOf(urn);
    const known = served.known?.(settings, given) ?? {};
    const outputs = kinds.outputs(token);
    const has = Object.entries({ ...before, ...known }).filter(([key]) => key in outputs && !(key in given));
    const all: Tree = { ...Object.fromEntries(has), ...given };
    return madeOf(kinds, token, urn, all, preview ? notYet : served.makeUp(settings));
  }

  function create(request: Provider.CreateRequest): Provider.CreateResponse {
    const [urn, preview] = [request.getUrn(), request.getPreview()];
    if (!preview && !applyingEcho) refuse('created', urn);
    const given = fromStruct(request.getProperties());
    const response = new provider.CreateResponse();
    const made = properties(urn, given, {}, preview);
    if (!preview) {
      const id = served.id(typeOf(urn), revealAll(given), (length) => hexOf(urn, ['id'], length), settings);
      response.setId(id);
      response.setProperties(toStruct({ ...made, id }));
      return response;
    }
    response.setProperties(toStruct(made));
    return response;
  }

  function update(request: Provider.UpdateRequest): Provider.UpdateResponse {
    const [urn, preview] = [request.getUrn(), request.getPreview()];
    if (!preview && !applyingEcho) refuse('changed', urn);
    const response = new provider.UpdateResponse();
    const [before, old, given] = [request.getOlds(), request.getOldInputs(), request.getNews()].map(fromStruct);
    // What was made once stays; what was given and no longer is, does not.
    const made = Object.fromEntries(Object.entries(before!).filter(([key]) => !(key in old!)));
    response.setProperties(toStruct(properties(urn, given!, made, preview)));
    return response;
  }

  const diff = (request: Provider.DiffRequest): Provider.DiffResponse => {
    const [before, after] = [request.getOldInputs(), request.getNews()].map((one) => revealAll(fromStruct(one)));
    return diffResponse(changes(before, after), (change) => served.replaces(typeOf(request.getUrn()), change));
  };

  await serve({
    name: served.name,
    version: kinds.version,
    configure: (request) => {
      settings = parsed(revealAll(fromStruct(request.getArgs())));
      announceEcho(served.name);
      return Promise.resolve(configured());
    },
    diffConfig: () => Promise.resolve(diffResponse([], () => false)),
    check: async (request) => check(request),
    diff: async (request) => diff(request),
    create: async (request) => create(request),
    read: (request) => Promise.resolve().then(() => refuse('read', request.getUrn())),
    update: async (request) => update(request),
    remove: (request) =>
      Promise.resolve().then(() => {
        if (!applyingEcho) refuse('deleted', request.getUrn());
      }),
  });
}
