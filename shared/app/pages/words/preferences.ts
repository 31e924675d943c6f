import type { Channel } from '../../../domain/messaging/channel.ts';
import type { PageLocale } from '../page-locale.ts';

interface PreferenceWords {
  readonly title: string;
  /** Before and after the address, which is set apart. */
  readonly intro: readonly [before: string, after: string];
  readonly introWithout: string;
  readonly save: string;
  readonly none: string;
  readonly saved: string;
  readonly savedNone: string;
  readonly empty: string;
  readonly channels: { readonly [C in Channel]: string };
}

export const preferenceWords: { readonly [L in PageLocale]: PreferenceWords } = {
  en: {
    title: 'Your message preferences',
    intro: ['Choose what we may write to you about. This page is for ', '.'],
    introWithout: 'Choose what we may write to you about.',
    save: 'Save',
    none: 'Unsubscribe from everything',
    saved: 'Your choice is saved.',
    savedNone: 'You are unsubscribed from everything.',
    empty: 'There is nothing to choose here.',
    channels: { email: 'E-mail', sms: 'Text message', push: 'Notification', 'in-app': 'In the app', webhook: 'System' },
  },
  de: {
    title: 'Ihre Einstellungen für Nachrichten',
    intro: ['Wählen Sie, worüber wir Ihnen schreiben dürfen. Diese Seite gilt für ', '.'],
    introWithout: 'Wählen Sie, worüber wir Ihnen schreiben dürfen.',
    save: 'Speichern',
    none: 'Von allem abmelden',
    saved: 'Ihre Auswahl ist gespeichert.',
    savedNone: 'Sie sind von allem abgemeldet.',
    empty: 'Hier gibt es nichts auszuwählen.',
    channels: { email: 'E-Mail', sms: 'SMS', push: 'Mitteilung', 'in-app': 'In der App', webhook: 'System' },
  },
  fr: {
    title: 'Vos préférences de messages',
    intro: ['Choisissez les sujets sur lesquels nous pouvons vous écrire. Cette page concerne ', '.'],
    introWithout: 'Choisissez les sujets sur lesquels nous pouvons vous écrire.',
    save: 'Enregistrer',
    none: 'Se désabonner de tout',
    saved: 'Votre choix est enregistré.',
    savedNone: 'Vous êtes désabonné(e) de tout.',
    empty: 'Il n’y a rien à choisir ici.',
    channels: { email: 'E-mail', sms: 'SMS', push: 'Notification', 'in-app': 'Dans l’application', webhook: 'Système' },
  },
  es: {
    title: 'Sus preferencias de mensajes',
    intro: ['Elija sobre qué podemos escribirle. Esta página es para ', '.'],
    introWithout: 'Elija sobre qué podemos escribirle.',
    save: 'Guardar',
    none: 'Cancelar todas las suscripciones',
    saved: 'Su elección está guardada.',
    savedNone: 'Ha cancelado todas las suscripciones.',
    empty: 'Aquí no hay nada que elegir.',
    channels: {
      email: 'Correo electrónico',
      sms: 'SMS',
      push: 'Notificación',
      'in-app': 'En la aplicación',
      webhook: 'Sistema',
    },
  },
  ar: {
    title: 'تفضيلات الرسائل',
    intro: ['اختر المواضيع التي يمكننا مراسلتك بشأنها. هذه الصفحة خاصة بالعنوان ', '.'],
    introWithout: 'اختر المواضيع التي يمكننا مراسلتك بشأنها.',
    save: 'حفظ',
    none: 'إلغاء الاشتراك في كل شيء',
    saved: 'تم حفظ اختيارك.',
    savedNone: 'تم إلغاء اشتراكك في كل شيء.',
    empty: 'لا يوجد ما يمكن اختياره هنا.',
    channels: {
      email: 'البريد الإلكتروني',
      sms: 'رسالة نصية',
      push: 'إشعار',
      'in-app': 'داخل التطبيق',
      webhook: 'نظام',
    },
  },
  zh: {
    title: '消息偏好设置',
    intro: ['请选择我们可以就哪些主题联系您。此页面适用于 ', '。'],
    introWithout: '请选择我们可以就哪些主题联系您。',
    save: '保存',
    none: '全部退订',
    saved: '您的选择已保存。',
    savedNone: '您已全部退订。',
    empty: '这里没有可选择的内容。',
    channels: { email: '电子邮件', sms: '短信', push: '推送通知', 'in-app': '应用内', webhook: '系统' },
  },
};
