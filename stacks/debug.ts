/**
 * Keeps secrets out of `pulumi --debug`. The SDK logs each answer of the engine whole, and the answer about a generated
 * password holds the password.
 */
import { log } from '@pulumi/pulumi';

const ANSWER = /^(.* RPC finished: .*?), resp: .*/s;

/** The message without the engine's answer. */
export const withoutAnswer = (message: string): string => message.replace(ANSWER, '$1');

/** Cuts the answers out of every debug message from here on. */
export function keepAnswersOutOfLogs(): void {
  const { debug } = log;
  // The SDK looks the function up on this object at each call.
  Object.assign(log, {
    debug: (...[message, ...rest]: Parameters<typeof debug>) => debug(withoutAnswer(message), ...rest),
  });
}
