/** The kinds of values that AWS has names for. */
import { text } from './kinds.ts';

export const account = text(/^\d{12}$/, 'the twelve digits of an account, in quotes');

export const region = text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region like "us-east-1"');

export const zone = text(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'a zone like "us-east-1a"');

export const roleArn = text(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'the ARN of an AWS role');

export const certificateArn = text(
  /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/,
  'the ARN of a certificate of AWS Certificate Manager',
);

/** Not those of Graviton and Grace, which have a "g" behind the generation, nor the first of them, nor Apple's. */
export const instanceType = text(
  /^(?!([a-z]+\d+[a-z0-9-]*g[a-z0-9-]*|a1|mac[a-z0-9-]*)\.)[a-z0-9-]+\.[a-z0-9-]+$/,
  'a type of instance with processors for amd64, which the images are made for, like "m6i.large"',
);
