import type { PageLocale } from '../page-locale.ts';

interface UnsubscribeWords {
  readonly ask: string;
  readonly askText: (topic: string) => string;
  readonly button: string;
  readonly done: string;
  readonly doneText: (topic: string) => string;
}

export const unsubscribeWords: { readonly [L in PageLocale]: UnsubscribeWords } = {
  en: {
    ask: 'Unsubscribe?',
    askText: (topic) => `You will get no more messages about “${topic}” at this address.`,
    button: 'Unsubscribe',
    done: 'You are unsubscribed',
    doneText: (topic) => `We will send no more messages about “${topic}” to this address.`,
  },
  de: {
    ask: 'Abmelden?',
    askText: (topic) => `Sie erhalten dann an diese Adresse keine Nachrichten mehr zu „${topic}“.`,
    button: 'Abmelden',
    done: 'Sie sind abgemeldet',
    doneText: (topic) => `Wir senden an diese Adresse keine Nachrichten mehr zu „${topic}“.`,
  },
  fr: {
    ask: 'Se désabonner ?',
    askText: (topic) => `Vous ne recevrez plus de messages sur « ${topic} » à cette adresse.`,
    button: 'Se désabonner',
    done: 'Vous êtes désabonné(e)',
    doneText: (topic) => `Nous n’enverrons plus de messages sur « ${topic} » à cette adresse.`,
  },
  es: {
    ask: '¿Cancelar la suscripción?',
    askText: (topic) => `Ya no recibirá mensajes sobre «${topic}» en esta dirección.`,
    button: 'Cancelar la suscripción',
    done: 'Suscripción cancelada',
    doneText: (topic) => `Ya no enviaremos mensajes sobre «${topic}» a esta dirección.`,
  },
  // In isolates (Unicode Standard Annex #9): the name of a topic may be written from left to right.
  ar: {
    ask: 'هل تريد إلغاء الاشتراك؟',
    askText: (topic) => `لن تصلك بعد ذلك رسائل عن «\u2068${topic}\u2069» على هذا العنوان.`,
    button: 'إلغاء الاشتراك',
    done: 'تم إلغاء اشتراكك',
    doneText: (topic) => `لن نرسل بعد الآن رسائل عن «\u2068${topic}\u2069» إلى هذا العنوان.`,
  },
  zh: {
    ask: '要退订吗？',
    askText: (topic) => `此地址将不再收到有关“${topic}”的消息。`,
    button: '退订',
    done: '您已退订',
    doneText: (topic) => `我们不会再向此地址发送有关“${topic}”的消息。`,
  },
};

export const invalidWords: { readonly [L in PageLocale]: { readonly invalid: string; readonly invalidText: string } } =
  {
    en: {
      invalid: 'This link does not work',
      invalidText: 'It may have been cut off. Please open it again from the message, as a whole.',
    },
    de: {
      invalid: 'Dieser Link funktioniert nicht',
      invalidText: 'Vielleicht wurde er abgeschnitten. Bitte öffnen Sie ihn noch einmal vollständig aus der Nachricht.',
    },
    fr: {
      invalid: 'Ce lien ne fonctionne pas',
      invalidText: 'Il a peut-être été coupé. Veuillez le rouvrir en entier depuis le message.',
    },
    es: {
      invalid: 'Este enlace no funciona',
      invalidText: 'Puede que esté cortado. Ábralo de nuevo, completo, desde el mensaje.',
    },
    ar: {
      invalid: 'هذا الرابط لا يعمل',
      invalidText: 'ربما تم اقتطاعه. يرجى فتحه كاملاً مرة أخرى من الرسالة.',
    },
    zh: {
      invalid: '此链接无效',
      invalidText: '链接可能不完整。请从消息中重新打开完整的链接。',
    },
  };
