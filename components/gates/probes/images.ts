/** Images that no registry has: every node that takes pods must have them already. */
import type { V1Node } from '@kubernetes/client-node';
import { fail, inconclusive, pass, type Reading } from '../judge.ts';
import type { Probe } from '../probe.ts';
import type { ImageQuestion } from '../questions.ts';

export const images: Probe<ImageQuestion> = async (question, attempt) => {
  const { core } = await attempt.cluster();
  const { items } = await core.listNode();
  return judge(question.images, items);
};

/** A kubelet reports its largest images only, 50 unless it was told otherwise. */
const REPORTED = 50;

/** What the nodes' lists of images are worth. Pure. */
export function judge(wanted: readonly string[], nodes: readonly V1Node[]): Reading {
  const taking = nodes.filter(takesPods);
  if (taking.length === 0) return inconclusive(`${nodes.length} nodes`, 'no node takes pods');
  const missing = taking.flatMap((node) => {
    const names = new Set((node.status?.images ?? []).flatMap((image) => image.names ?? []).map(fullName));
    const absent = wanted.filter((image) => !names.has(fullName(image)));
    if (absent.length === 0) return [];
    const cut = (node.status?.images ?? []).length >= REPORTED ? ` (it lists only its ${REPORTED} largest images)` : '';
    return [
      `node ${node.metadata?.name ?? ''} lacks ${absent.join(', ')}${cut}; run "make image", or name an image that a registry has`,
    ];
  });
  const seen = `${wanted.length} images on ${taking.length} nodes`;
  return missing.length === 0 ? pass(seen) : fail(seen, ...missing);
}

const takesPods = ({ spec, status }: V1Node): boolean =>
  spec?.unschedulable !== true &&
  !(spec?.taints ?? []).some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute') &&
  (status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True');

/** A reference as container runtimes spell it out: with its registry, and with a tag unless it has a digest. */
export function fullName(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  const registry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const located = registry ? reference : `docker.io/${rest.length === 0 ? 'library/' : ''}${reference}`;
  const last = located.slice(located.lastIndexOf('/') + 1);
  return /[:@]/.test(last) ? located : `${located}:latest`;
}
