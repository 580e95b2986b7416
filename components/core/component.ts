/** The base of every component. */
import * as pulumi from '@pulumi/pulumi';

/** The kinds of components, as they stand in URNs. Renaming one replaces what it owns, unless aliased. */
export type ComponentType = `platform:${'app' | 'data' | 'guard' | 'host' | 'observability' | 'secrets'}:${string}`;

/**
 * A component of the platform. Its children carry its name in front of theirs, so that a second instance of any
 * component can stand in the same stack.
 */
export abstract class PlatformComponent extends pulumi.ComponentResource {
  /**
   * @param shape the plain arguments that decide what exists. They appear in the state and in previews: never a secret.
   */
  protected constructor(
    type: ComponentType,
    name: string,
    shape: pulumi.Inputs,
    options: pulumi.ComponentResourceOptions,
  ) {
    const rules = [childrenCarry(name), childrenWait(name, options.dependsOn)];
    super(type, name, shape, pulumi.mergeOptions(options, { transformations: rules }));
  }
}

/** A transformation and not a transform: it runs inside the program, without a call back from the engine per resource. */
function childrenCarry(owner: string): pulumi.ResourceTransformation {
  return ({ name, type }) => {
    if (name !== owner && !name.startsWith(`${owner}-`)) {
      throw new Error(`${type} "${name}" must be named "${owner}-…": a second "${owner}" would collide with it`);
    }
    return undefined;
  };
}

/**
 * What a component waits for, each of its children waits for. Without this the order would rest on nobody knowing the
 * parent's URN early, and the state would not hold it: a destroy would not go the way back.
 */
function childrenWait(owner: string, dependsOn: pulumi.ResourceOptions['dependsOn']): pulumi.ResourceTransformation {
  return ({ name, props, opts }) =>
    dependsOn === undefined || name === owner ? undefined : { props, opts: pulumi.mergeOptions(opts, { dependsOn }) };
}
