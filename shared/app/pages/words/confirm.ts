import type { PageLocale } from '../page-locale.ts';

interface ConfirmWords {
  readonly quoted: (topic: string) => string;
  readonly ask: string;
  readonly askText: (topics: string) => string;
  readonly button: string;
  readonly done: string;
  readonly doneText: (topics: string) => string;
  readonly expired: string;
  readonly expiredText: string;
}

export const confirmWords: { readonly [L in PageLocale]: ConfirmWords } = {
  en: {
    quoted: (topic) => `“${topic}”`,
    ask: 'Confirm your subscription',
    askText: (topics) => `Do you want messages about ${topics}? You can change your mind at any time.`,
    button: 'Yes, confirm',
    done: 'Confirmed',
    doneText: (topics) => `You will get messages about ${topics}.`,
    expired: 'This link has expired',
    expiredText: 'Nothing was changed. Please subscribe again if you want to.',
  },
  de: {
    quoted: (topic) => `„${topic}“`,
    ask: 'Anmeldung bestätigen',
    askText: (topics) => `Möchten Sie Nachrichten zu ${topics}? Sie können es sich jederzeit anders überlegen.`,
    button: 'Ja, bestätigen',
    done: 'Bestätigt',
    doneText: (topics) => `Sie erhalten Nachrichten zu ${topics}.`,
    expired: 'Dieser Link ist abgelaufen',
    expiredText: 'Es wurde nichts geändert. Melden Sie sich bitte noch einmal an, wenn Sie möchten.',
  },
  fr: {
    quoted: (topic) => `« ${topic} »`,
    ask: 'Confirmer l’inscription',
    askText: (topics) => `Souhaitez-vous des messages sur ${topics} ? Vous pouvez changer d’avis à tout moment.`,
    button: 'Oui, confirmer',
    done: 'Confirmé',
    doneText: (topics) => `Vous recevrez des messages sur ${topics}.`,
    expired: 'Ce lien a expiré',
    expiredText: 'Rien n’a été modifié. Inscrivez-vous à nouveau si vous le souhaitez.',
  },
  es: {
    quoted: (topic) => `«${topic}»`,
    ask: 'Confirmar la suscripción',
    askText: (topics) => `¿Desea recibir mensajes sobre ${topics}? Puede cambiar de opinión en cualquier momento.`,
    button: 'Sí, confirmar',
    done: 'Confirmado',
    doneText: (topics) => `Recibirá mensajes sobre ${topics}.`,
    expired: 'Este enlace ha caducado',
    expiredText: 'No se ha cambiado nada. Suscríbase de nuevo si lo desea.',
  },
  // In isolates (Unicode Standard Annex #9): the name of a topic may be written from left to right.
  ar: {
    quoted: (topic) => `«\u2068${topic}\u2069»`,
    ask: 'تأكيد الاشتراك',
    askText: (topics) => `هل تريد تلقي رسائل عن ${topics}؟ يمكنك تغيير رأيك في أي وقت.`,
    button: 'نعم، تأكيد',
    done: 'تم التأكيد',
    doneText: (topics) => `ستصلك رسائل عن ${topics}.`,
    expired: 'انتهت صلاحية هذا الرابط',
    expiredText: 'لم يتغير شيء. يرجى الاشتراك مرة أخرى إذا رغبت.',
  },
  zh: {
    quoted: (topic) => `“${topic}”`,
    ask: '确认订阅',
    askText: (topics) => `您想接收有关${topics}的消息吗？您可以随时更改。`,
    button: '是，确认',
    done: '已确认',
    doneText: (topics) => `您将收到有关${topics}的消息。`,
    expired: '此链接已过期',
    expiredText: '未作任何更改。如有需要，请重新订阅。',
  },
};
