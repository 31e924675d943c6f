import { describe, expect, it } from 'vitest';
import { needlessCharacters, smsLength } from '../../shared/domain/messaging/render/sms-parts.ts';
import fc from '../property.ts';

describe('how long a text message is', () => {
  it.each<[string, string, string, number, number]>([
    ['nothing', '', 'GSM-7', 0, 1],
    ['German', 'Grüße aus Köln: 10 % für alle, ß', 'GSM-7', 32, 1],
    ['the longest single one', 'a'.repeat(160), 'GSM-7', 160, 1],
    ['one more', 'a'.repeat(161), 'GSM-7', 161, 2],
    ['two full parts', 'a'.repeat(306), 'GSM-7', 306, 2],
    ['three', 'a'.repeat(307), 'GSM-7', 307, 3],
    ['the euro takes two', '€'.repeat(80), 'GSM-7', 160, 1],
    ['and one more', '€'.repeat(81), 'GSM-7', 162, 2],
    ['an escape is not torn from its character', `${'a'.repeat(152)}€${'a'.repeat(152)}`, 'GSM-7', 306, 3],
    ['all of the extension table', '^{}\\[~]|€\f', 'GSM-7', 20, 1],
    ['a backtick is in no table', '`', 'UCS-2', 1, 1],
    ['ç is only there as Ç', 'ça', 'UCS-2', 2, 1],
    ['one emoji', 'Hi 👋', 'UCS-2', 5, 1],
    ['a typographic quote', `“${'a'.repeat(69)}`, 'UCS-2', 70, 1],
    ['Chinese', '雪'.repeat(70), 'UCS-2', 70, 1],
    ['Chinese, longer', '雪'.repeat(71), 'UCS-2', 71, 2],
    ['a surrogate pair is not torn', `${'雪'.repeat(66)}👋${'雪'.repeat(66)}`, 'UCS-2', 134, 3],
  ])('%s', (_what, text, encoding, units, parts) => {
    expect(smsLength(text)).toEqual({ encoding, units, parts });
  });

  it('parts hold the text, and no part is needless by more than what must not be torn', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        const { encoding, units, parts } = smsLength(text);
        const room = encoding === 'GSM-7' ? 153 : 67;
        if (parts === 1) expect(units).toBeLessThanOrEqual(encoding === 'GSM-7' ? 160 : 70);
        else {
          expect(units).toBeLessThanOrEqual(parts * room);
          expect(units).toBeGreaterThan((parts - 1) * (room - 1));
        }
      }),
    );
  });

  it('one character more never makes it shorter', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 400 }),
        fc.constantFrom('a', '€', '雪', '👋'),
        (text, more) => {
          expect(smsLength(text + more).parts).toBeGreaterThanOrEqual(smsLength(text).parts);
        },
      ),
    );
  });
});

describe('what makes a text UCS-2 without need', () => {
  it.each<[string, string[]]>([
    ['Plain text, 10 €', []],
    ['“Hello” – it’s me…', ['“', '”', '–', '’', '…']],
    ['Hi 👋', ['👋']],
    ['Bonjour, ça va ?', []],
    ['雪 🎁', []],
  ])('%s: %j', (text, expected) => {
    expect(needlessCharacters(text)).toEqual(expected);
  });
});
