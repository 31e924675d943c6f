import { describe, expect, it } from 'vitest';
import { principalArn, roleScopes, rolesFor, scopesOf } from '../../../shared/app/access/roles.ts';
import { scopes } from '../../../shared/app/access/scopes.ts';

const role = (name: string, account = '123456789012') => `arn:aws:iam::${account}:role/${name}`;

describe('who somebody is', () => {
  it.each([
    ['arn:aws:sts::123456789012:assumed-role/Marketing/ann@example.com', role('Marketing')],
    ['arn:aws-cn:sts::123456789012:assumed-role/A_b-c/i-0123', 'arn:aws-cn:iam::123456789012:role/A_b-c'],
    ['arn:aws:iam::123456789012:user/ann', 'arn:aws:iam::123456789012:user/ann'],
    ['arn:aws:sts::123456789012:federated-user/ann', 'arn:aws:sts::123456789012:federated-user/ann'],
    ['arn:aws:iam::123456789012:root', 'arn:aws:iam::123456789012:root'],
  ])('%s is %s', (caller, principal) => {
    expect(principalArn(caller)).toBe(principal);
  });
});

describe('which roles they have', () => {
  const configured = {
    marketer: [role('Marketing'), role('AWSReservedSSO_Marketing_*')],
    publisher: [role('AWSReservedSSO_Marketing_*')],
    operator: [role('Ops')],
  };
  it.each<[string, string, string[]]>([
    ['the very one', role('Marketing'), ['marketer']],
    ['a name with an ending', role('AWSReservedSSO_Marketing_0123abcd'), ['marketer', 'publisher']],
    ['a longer name', role('Marketing2'), []],
    ['another account', role('Marketing', '210987654321'), []],
    ['below a path', role('AWSReservedSSO_Marketing_a/b'), []],
    ['an ARN around it', `x${role('Ops')}`, []],
    ['a dot is a dot', role('Op.'), []],
  ])('%s', (_, arn, roles) => {
    expect(rolesFor(arn, configured)).toEqual(roles);
  });

  it('nobody, where the configuration says nothing', () => {
    expect(rolesFor(role('Marketing'), {})).toEqual([]);
    expect(rolesFor(role('Marketing'))).toEqual([]);
  });
});

describe('what a role may do', () => {
  it('is made of scopes that there are, each once; two roles are both', () => {
    for (const granted of Object.values(roleScopes)) {
      expect(scopes).toEqual(expect.arrayContaining([...granted]));
      expect(new Set(granted).size).toBe(granted.length);
    }
    const both = scopesOf(['publisher', 'privacy']);
    expect(new Set(both).size).toBe(both.length);
    expect(both).toEqual(expect.arrayContaining([...roleScopes.publisher, ...roleScopes.privacy]));
  });

  it.each([
    [
      'marketer',
      ['journeys:publish', 'journeys:enroll', 'messages:send', 'keys:admin', 'profiles:export', 'settings:write'],
    ],
    ['publisher', ['keys:admin', 'profiles:export', 'profiles:erase', 'settings:write', 'audit:read']],
    ['operator', ['journeys:publish', 'profiles:export', 'profiles:erase']],
    ['privacy', ['journeys:write', 'journeys:publish', 'keys:admin', 'settings:write', 'messages:send']],
  ] as const)('a %s may not: %j', (name, never) => {
    expect(never.filter((scope) => (roleScopes[name] as readonly string[]).includes(scope))).toEqual([]);
  });
});
