/** A stack of the chatbot under strict mocks. */
import * as pulumi from '@pulumi/pulumi';
import { tria, type TriaOutputs } from '../../../../stacks/tria.ts';
import { parse } from '../../../../stacks/config/load.ts';
import { planned, type Made } from '../../support/mocks.ts';
import { groupsOf, rawOf, type Groups } from './raw.ts';

export interface TriaComposed {
  readonly made: readonly Made[];
  readonly outputs: TriaOutputs;
}

/** Staging on a server that is there, in place of one that the stack makes. */
export function existing(): Groups {
  const groups = groupsOf('tria-staging');
  const { ec2: _, ...host } = groups['host']!;
  const standing = { address: 'ssh://ubuntu@203.0.113.5', publicAddress: '203.0.113.5' };
  return { ...groups, host: { ...host, kind: 'existing', existing: standing } };
}

export async function triaOf(groups: Groups, secrets: Record<string, string> = {}): Promise<TriaComposed> {
  let outputs: TriaOutputs | undefined;
  const texts = Object.fromEntries(Object.entries(secrets).map(([key, value]) => [`platform:${key}`, value]));
  const settings = parse(rawOf(groups, texts, Object.keys(texts)), 'test', 'tria');
  const made = await planned(async () => {
    const given = Object.entries(secrets).map(([key, value]) => [key, pulumi.secret(value)]);
    outputs = await tria({ settings, secrets: Object.fromEntries(given) as Record<string, pulumi.Output<string>> });
  });
  return { made, outputs: outputs! };
}
