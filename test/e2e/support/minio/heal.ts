/**
 * What an operator does when a node of the store was away: `mc admin heal`, which goes over every object and writes what
 * a node has missed. Left alone the store does the same, but in rounds of its own that nobody can wait for.
 */
import type { Lodger } from '../lodger.ts';

/** One round over a folder of a bucket, from its order to its end; prints how many objects it looked at. */
const HEAL = `
import json, os, sys, time
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
authority = '/tmp/ca.crt'
with open(authority, 'w') as file: file.write(os.environ['CA'])
session = URLLib3Session(verify=authority, timeout=20)
credentials = Credentials(os.environ['ACCESS'], os.environ['SECRET'])
address = f'https://minio:9000/minio/admin/v3/heal/{sys.argv[1]}/{sys.argv[2]}'
# Every object is looked at on every node, nothing is removed.
order = json.dumps({'recursive': True, 'dryRun': False, 'remove': False, 'recreate': False, 'scanMode': 1}).encode()

def ask(parameters):
    request = AWSRequest('POST', address, data=order, params=parameters)
    S3SigV4Auth(credentials, 's3', 'us-east-1').add_auth(request)
    answer = session.send(request.prepare())
    assert answer.status_code == 200, f'{answer.status_code} {answer.text}'
    return json.loads(answer.text)

token, looked = ask({'forceStart': 'true'})['clientToken'], 0
while True:
    said = ask({'clientToken': token})
    looked += len([item for item in said.get('Items') or [] if item['type'] == 'object'])
    if said['Summary'] == 'finished': break
    assert said['Summary'] != 'stopped', json.dumps(said)
    time.sleep(0.2)
print(looked)
`;

/** @returns how many objects were looked at */
export async function heal(lodger: Lodger, bucket: string, prefix: string): Promise<number> {
  return Number(await lodger.python(HEAL, bucket, prefix));
}
