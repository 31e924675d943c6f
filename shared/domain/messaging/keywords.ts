/** HELP is none of them: it asks for an answer, which the sender's number gives (docs/sms.md), and changes nothing. */
export type KeywordMeaning = 'stop' | 'start';

/**
 * What people text to stop, by language. English, and ARRET of French, are the words that AWS requires ("Required AWS End
 * User Messaging SMS opt-out list keywords") and that carriers in the US know (CTIA, Messaging Principles and Best
 * Practices, 5.1.3: STOP, END, CANCEL, UNSUBSCRIBE, QUIT), with REVOKE and OPT OUT, which the FCC names too (47 CFR
 * 64.1200(a)(10)). The others are the words that senders in those countries announce in their messages.
 */
const stopWords: { readonly [language: string]: readonly string[] } = {
  en: [
    'STOP',
    'STOPALL',
    'STOP ALL',
    'CANCEL',
    'END',
    'OPT-OUT',
    'OPTOUT',
    'OPT OUT',
    'QUIT',
    'REMOVE',
    'REVOKE',
    'TD',
    'UNSUBSCRIBE',
  ],
  fr: ['ARRET', 'ARRÊT', 'ARRETER', 'ARRÊTER', 'DESABONNER', 'DÉSABONNER'],
  de: ['STOPP', 'ABMELDEN', 'ABBESTELLEN'],
  es: ['BAJA', 'ALTO', 'PARAR', 'CANCELAR'],
  pt: ['PARE', 'SAIR', 'REMOVER'],
  it: ['FERMA', 'CANCELLA', 'DISISCRIVI'],
  nl: ['STOPPEN', 'AFMELDEN'],
  sv: ['STOPPA', 'AVSLUTA'],
  da: ['AFMELD'],
  nb: ['AVSLUTT', 'MELD AV'],
  fi: ['LOPETA'],
  pl: ['REZYGNUJE', 'REZYGNUJĘ'],
  cs: ['ODHLASIT', 'ODHLÁSIT'],
  tr: ['RET', 'IPTAL', 'İPTAL'],
  ja: ['停止', '配信停止'],
  zh: ['退订', '退訂', 'T', 'TD'],
};

/** AWS takes these for opting in again ("Opt-out keywords": UNSTOP, START); the others are their like. */
const startWords: { readonly [language: string]: readonly string[] } = {
  en: ['START', 'UNSTOP', 'RESUME'],
  fr: ['REPRENDRE'],
  de: ['ANMELDEN'],
  es: ['ALTA'],
};

/** Case and marks around a word do not count: `Stop.` and `"STOP"` are meant. */
const normalise = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/^[\s\p{P}\p{S}]+|[\s\p{P}\p{S}]+$/gu, '')
    .replace(/\s+/g, ' ')
    .toUpperCase();

const meanings: ReadonlyMap<string, KeywordMeaning> = new Map([
  ...Object.values(stopWords).flatMap((words) => words.map((word) => [normalise(word), 'stop'] as const)),
  ...Object.values(startWords).flatMap((words) => words.map((word) => [normalise(word), 'start'] as const)),
]);

/** Far longer than any keyword with marks around it. */
const MAX_TEXT = 200;

/**
 * What a text means that is nothing but a keyword. Within a sentence a keyword may be anything ("the bus stop", "don't
 * cancel"), and is not acted upon; AWS by itself acts on texts that begin with one.
 */
export const meaningOf = (text: string): KeywordMeaning | undefined =>
  text.length > MAX_TEXT ? undefined : meanings.get(normalise(text));
