/** What has to fit where an image is built. */
import type { Problems } from '../../../components/core/index.ts';
import type { Rule } from '../system.ts';
import type { Settings } from '../systems/image.ts';
import { checkDockerHost } from './docker-host.ts';

function checkEdition({ image: { release, staged } }: Settings, problems: Problems): void {
  problems.require((release === undefined) !== (staged === undefined), {
    where: 'image',
    found: release === undefined ? 'neither image.release nor image.staged' : 'image.release and image.staged',
    wanted: 'one of them: it says how the build is named and what its recipe is told',
  });
}

const checkLogin: Rule<Settings> = (_, problems, given) =>
  problems.require(given.has('registryPassword'), {
    where: 'registryPassword',
    found: 'nothing',
    wanted: 'the password for registry.username',
    remedy: 'run `pulumi config set --secret registryPassword`',
  });

/** In the order in which their messages appear. */
export const RULES: readonly Rule<Settings>[] = [checkDockerHost, checkEdition, checkLogin];
