import { expect } from 'vitest';
import { bootEnvironment, type Environment, HOUR, journeyOf, MINUTE, message, wait } from '../environment.ts';
import { Alarms } from './alarms.ts';
import { Figures } from './figures.ts';
import { Runbook, type Section } from './runbook.ts';
import { Shell } from './shell.ts';

/** What stands between angle brackets on a page, filled in; what is around it tells two of one name apart. */
export type Filled = Readonly<Record<string, string>>;

/** Brings a page's situation about, does what the page says, and looks whether it is as the page says. */
export type Drills = Readonly<Record<string, (drill: Drill, station: Station) => Promise<void>>>;

const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };

/** One local environment, the shell of whoever is on call, and the alarms that call them. */
export class Station {
  readonly env: Environment;
  readonly figures: Figures;
  readonly alarms: Alarms;
  readonly shell: Shell;
  readonly drilled = new Map<string, Runbook>();
  /** Figures before it belong to earlier drills. */
  since = 0;
  #customers = 0;

  private constructor(env: Environment) {
    this.env = env;
    this.figures = new Figures(env.cloud);
    this.alarms = new Alarms(env.cloud, this.figures);
    this.shell = new Shell(env, this.figures);
  }

  static async open(): Promise<Station> {
    const station = new Station(await bootEnvironment({ overrides: { maxWorkers: 1 } }));
    await station.shell.start();
    const { env } = station;
    const short = { schemaVersion: 1, id: 'short', variables: {} };
    const variants = [
      { channel: 'sms', content: { text: 'Hello' } },
      { channel: 'push', content: { title: 'Hello', body: 'It waits' } },
    ];
    await station.must('PUT', 'templates/short', { ...short, variants }, { 'if-none-match': '*' });
    const steps = { one: message('first', 'an-hour'), 'an-hour': wait('PT1H', 'two'), two: message('second') };
    await env.publish(journeyOf('course', steps, { topic: 'account' }));
    for (const channel of ['email', 'sms', 'push']) {
      const template = channel === 'email' ? 'first' : 'short';
      const only = { type: 'message', template, channels: [channel], next: 'end' };
      const entry = [{ on: 'event', event: `Wants ${channel}` }];
      await env.publish(journeyOf(channel, { only }, { topic: 'account', entry, ...again }));
    }
    return station;
  }

  async close(): Promise<void> {
    await this.shell.stop();
    await this.env.stop();
  }

  async must(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await this.env.call(method, `/v1/${path}`, body, headers);
    expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    return answer.body;
  }

  /** So many customers who do it now: known by name, e-mail, number and device. */
  async customers(count: number, event = 'Started'): Promise<string[]> {
    const names = Array.from({ length: count }, () => `customer-${++this.#customers}`);
    const events = names.flatMap((userId) => {
      const phone = `+49151${userId.slice('customer-'.length).padStart(8, '0')}`;
      const traits = { email: `${userId}@mail.example`, phone };
      return [
        {
          type: 'identify',
          userId,
          traits,
          context: { device: { token: `fcm:${userId}` } },
          messageId: `known-${userId}`,
        },
        { event, userId, messageId: `does-${userId}` },
      ];
    });
    await this.env.post(...events);
    await this.env.cloud.settle();
    return names;
  }

  mailsTo(userId: string): string[] {
    return this.env.cloud.messages({ to: `${userId}@mail.example` }).map(({ subject }) => subject);
  }

  /** @param minutes in each of which the queues are looked at */
  async pass(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      await this.env.cloud.advance(MINUTE);
      this.figures.look();
    }
  }

  /** A function's poller. */
  mapping(functionName: string) {
    const { cloud } = this.env;
    return cloud.eventSources().find(({ pool }) => pool.definition.name === `godwit-local-${functionName}`)!;
  }

  /** A new hour, so that no period of an alarm has figures of the drill before. */
  async begin(name: string): Promise<Drill> {
    const { cloud } = this.env;
    await cloud.advance(HOUR - (cloud.now() % HOUR));
    this.since = cloud.now();
    const page = this.drilled.get(name) ?? new Runbook(name);
    this.drilled.set(name, page);
    return new Drill(this, page);
  }
}

export class Drill {
  readonly #station: Station;
  readonly page: Runbook;

  constructor(station: Station, page: Runbook) {
    this.#station = station;
    this.page = page;
  }

  /** The alarm has called since the drill began. */
  rang(...names: readonly string[]): void {
    const { alarms, since, env, figures } = this.#station;
    figures.look();
    for (const name of names) expect(alarms.rang(name, since, env.cloud.now()), `${name} has called`).toBe(true);
  }

  /** In periods that begin from now on, the alarm does not call. */
  async isOver(...names: readonly string[]): Promise<void> {
    const { alarms, env } = this.#station;
    for (const name of names) {
      const { periodMs } = alarms.named(name);
      await env.cloud.advance(periodMs - (env.cloud.now() % periodMs));
      const from = env.cloud.now();
      await this.#station.pass(3);
      expect(alarms.rang(name, from, env.cloud.now()), `${name} calls no more`).toBe(false);
    }
  }

  /** Runs the commands of a section; of several blocks, of which one. So many of its requests are meant to be refused. */
  async run(
    section: Section,
    filled: Filled = {},
    more: { block?: number; input?: string; before?: string; refused?: number } = {},
  ): Promise<string> {
    return this.#shown(`${more.before ?? ''}\n${this.page.take(section, more.block)}`, filled, more);
  }

  /** A command of the text, or of a line of a block. */
  async does(command: string, filled: Filled = {}): Promise<string> {
    return this.#shown(this.page.says(command), filled);
  }

  /** What is seen is what the page has to be looked up by. */
  sees(shown: string, ...words: readonly string[]): void {
    for (const word of words) {
      this.page.names(word);
      expect(shown).toContain(word);
    }
  }

  async #shown(commands: string, filled: Filled, { input = '', refused: meant = 0 } = {}): Promise<string> {
    const { code, stdout, stderr, refused } = await this.#station.shell.run(fill(commands, filled), input);
    const all = `${commands}\n--\n${stdout}\n${stderr}`;
    expect(code, all).toBe(0);
    expect(refused, all).toHaveLength(meant);
    expect(stderr, all).not.toContain('FAILED');
    return stdout;
  }
}

function fill(commands: string, filled: Filled): string {
  const text = Object.entries(filled).reduce((all, [what, value]) => all.replaceAll(what, value), commands);
  // Without comments, in which a page may speak of placeholders.
  const open = /<[a-z][\w .-]*>/i.exec(text.replace(/(^|\s)#.*$/gm, ''));
  if (open !== null) throw new Error(`${open[0]} is not filled in: ${commands}`);
  return text;
}
