/** Differences in the words of the engine. */
import { provider, type Provider } from './proto.ts';
import { pathText, type Change } from './changes.ts';

const { DiffChanges } = provider.DiffResponse;
const { Kind } = provider.PropertyDiff;

const KINDS = {
  add: [Kind.ADD, Kind.ADD_REPLACE],
  delete: [Kind.DELETE, Kind.DELETE_REPLACE],
  update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
} as const;

/**
 * @param found every change of the inputs
 * @param replaces whether a change means a new object
 * @param more further reasons for a new object, as paths
 */
export function diffResponse(
  found: readonly Change[],
  replaces: (change: Change) => boolean,
  more: readonly string[] = [],
): Provider.DiffResponse {
  const response = new provider.DiffResponse();
  const replacing = [...found.filter(replaces).map(({ path }) => pathText(path)), ...more];
  response.setChanges(found.length > 0 || replacing.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  response.setReplacesList(replacing);
  response.setHasdetaileddiff(true);
  for (const change of found) {
    const property = new provider.PropertyDiff();
    property.setKind(KINDS[change.kind][replaces(change) ? 1 : 0]);
    property.setInputdiff(true);
    response.getDetaileddiffMap().set(pathText(change.path), property);
  }
  return response;
}
