import { describe, expect, it } from 'vitest';
import { meaningOf } from '../../../shared/domain/messaging/keywords.ts';

describe('what a text means that is nothing but a keyword', () => {
  // Those that AWS requires: "Required AWS End User Messaging SMS opt-out list keywords".
  it.each(['ARRET', 'CANCEL', 'END', 'OPT-OUT', 'OPTOUT', 'QUIT', 'REMOVE', 'STOP', 'TD', 'UNSUBSCRIBE'])(
    '%s: stop',
    (text) => {
      expect(meaningOf(text)).toBe('stop');
    },
  );

  it.each([
    'stop',
    ' Stop. ',
    '"STOP"',
    'STOP!',
    'stop\n',
    'Stop all',
    'arrêt',
    'Abmelden',
    'baja',
    '退订',
    'iptal',
    '*stop*',
  ])('%j: stop, however it is written', (text) => {
    expect(meaningOf(text)).toBe('stop');
  });

  it.each(['START', 'unstop', 'Start!'])('%j: start', (text) => {
    expect(meaningOf(text)).toBe('start');
  });

  it.each(['', ' ', 'HELP', 'the bus stop', 'please do not stop', 'Stop at nothing', 'yes', '👍', 'constructor'])(
    '%j: nothing',
    (text) => {
      expect(meaningOf(text)).toBeUndefined();
    },
  );
});
