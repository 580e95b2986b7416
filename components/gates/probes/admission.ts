/**
 * An admission webhook that does its work. It is shown an object that it has to refuse, in a dry run, so nothing is made
 * either way: an object that is let through would prove only that nobody was asked.
 */
import { fail, pass, type Reading } from '../judge.ts';
import { explain } from '../faults.ts';
import type { Probe } from '../probe.ts';
import type { AdmissionQuestion } from '../questions.ts';

export const admission: Probe<AdmissionQuestion> = async ({ webhook, refuses }, attempt) => {
  const { config } = await attempt.cluster();
  const { KubernetesObjectApi } = await import('@kubernetes/client-node');
  try {
    await KubernetesObjectApi.makeApiClient(config).create({ ...refuses }, undefined, 'All');
  } catch (thrown) {
    return judge(webhook, explain(thrown));
  }
  return fail('let through', `${webhook} was not asked: an object that it refuses was let through`);
};

/** What the API server's answer is worth. Any other refusal is no answer of the webhook. Pure. */
export function judge(webhook: string, answer: string): Reading {
  if (answer.includes(`admission webhook "${webhook}" denied the request`)) return pass(`${webhook} refuses`);
  throw new Error(answer);
}
