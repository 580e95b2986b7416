/** What ModSecurity reads: its own settings, those of the OWASP core rules, and what they leave alone here. Pure. */
import type { Firewall } from './settings.ts';

/** Where `owasp/modsecurity-crs` keeps the rules. */
const RULES = '/opt/owasp-crs/rules';
/** The first number of the range that the core rules leave to local ones. */
const FIRST = 1000;

/** The methods that an API with resources uses; the rules' own list ends at POST. */
const METHODS = 'GET HEAD POST PUT PATCH DELETE OPTIONS';

/**
 * Fields that hold somebody's secret: a good password looks like an attack, and what a rule finds ends up in the log. JSON
 * fields are called after their path.
 */
const SECRETS = ['password', 'current_password', 'new_password', 'refresh_token', 'access_token', 'client_secret'];

/** The file that the servers with a firewall name. */
export function modsecurityConf({ mode, paranoia, threshold }: Firewall, largestBody: number): string {
  const settings = [
    `setvar:tx.crs_setup_version=334`,
    `setvar:tx.paranoia_level=${paranoia}`,
    `setvar:tx.inbound_anomaly_score_threshold=${threshold}`,
    `setvar:'tx.allowed_methods=${METHODS}'`,
  ];
  return [
    `SecRuleEngine ${mode === 'block' ? 'On' : 'DetectionOnly'}`,
    'SecRequestBodyAccess On',
    // nginx has refused anything larger before.
    `SecRequestBodyLimit ${largestBody}`,
    'SecRequestBodyLimitAction Reject',
    'SecRequestBodyJsonDepthLimit 64',
    // Answers are the API's own, and large: they are not read.
    'SecResponseBodyAccess Off',
    'SecTmpDir /tmp',
    'SecPcreMatchLimit 100000',
    'SecPcreMatchLimitRecursion 100000',
    // One line of JSON for each request that a rule finds fault with: who, what, and which rules. Neither headers nor bodies:
    // they hold tokens (E-SEC-3).
    'SecAuditEngine RelevantOnly',
    // By what the rules found, not by the status: a 403 of the upstream's is no finding.
    'SecAuditLogRelevantStatus "^$"',
    'SecAuditLogParts AHZ',
    'SecAuditLogFormat JSON',
    'SecAuditLogType Serial',
    'SecAuditLog /dev/stdout',
    'SecDefaultAction "phase:1,nolog,auditlog,pass"',
    'SecDefaultAction "phase:2,nolog,auditlog,pass"',
    `SecAction "id:${FIRST},phase:1,nolog,pass,t:none,${settings.join(',')}"`,
    // Bodies are read as what they say they are; unread, their fields would pass unseen.
    `SecRule REQUEST_HEADERS:Content-Type "@rx (?i)^application/(?:[a-z0-9.+-]+[+])?json" "id:${FIRST + 1},phase:1,nolog,pass,t:none,ctl:requestBodyProcessor=JSON"`,
    `SecRule REQUEST_HEADERS:Content-Type "@rx (?i)^(?:application|text)/(?:[a-z0-9.+-]+[+])?xml" "id:${FIRST + 2},phase:1,nolog,pass,t:none,ctl:requestBodyProcessor=XML"`,
    // What cannot be read cannot be judged.
    `SecRule REQBODY_ERROR "!@eq 0" "id:${FIRST + 3},phase:2,t:none,auditlog,deny,status:400,msg:'the body is not what its type says'"`,
    `SecRule MULTIPART_STRICT_ERROR "!@eq 0" "id:${FIRST + 4},phase:2,t:none,auditlog,deny,status:400,msg:'the parts of the body are ambiguous'"`,
    `Include ${RULES}/REQUEST-9*.conf`,
    ...SECRETS.flatMap((field) => [field, `json.${field}`]).map(
      (field) => `SecRuleUpdateTargetByTag "OWASP_CRS" "!ARGS:${field}"`,
    ),
    '',
  ].join('\n');
}
