/** Against the worked examples in Amazon's own description of the signature. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256, signed } from '../../../../../components/backup/job/sign.ts';

const WHO = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const WHEN = new Date('2013-05-24T00:00:00Z');
const HOST = 'https://examplebucket.s3.amazonaws.com';

const EXAMPLES: readonly (readonly [path: string, headers: Record<string, string>, signature: string])[] = [
  ['/test.txt', { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
  ['/?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['/?prefix=J&max-keys=2', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
];

for (const [path, headers, signature] of EXAMPLES) {
  test(`GET ${path} is signed as in the description`, () => {
    const request = { method: 'GET', url: new URL(path, HOST), headers, sha256: sha256('') };
    assert.equal(/Signature=([0-9a-f]+)$/.exec(signed(request, WHO, WHEN)['authorization']!)?.[1], signature);
  });
}

test('another body, path, query or moment is another signature', () => {
  const of = (path: string, body = '', when = WHEN): string =>
    signed({ method: 'PUT', url: new URL(path, HOST), headers: {}, sha256: sha256(body) }, WHO, when)['authorization']!;
  const all = [
    of('/a'),
    of('/b'),
    of('/a?partNumber=1'),
    of('/a', 'body'),
    of('/a', '', new Date('2013-05-24T00:00:01Z')),
  ];
  assert.equal(new Set(all).size, all.length);
});
