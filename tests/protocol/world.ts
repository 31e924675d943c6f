import { armTimers } from '../../shared/app/arm-timers.ts';
import { SETTLES_MS, type Wanted } from '../../shared/app/erasure/erase-steps.ts';
import type { Remains } from '../../shared/app/erasure/ports.ts';
import { type EvaluatePorts, evaluate } from '../../shared/app/evaluate.ts';
import { toldKey } from '../../shared/app/journal-key.ts';
import { Leases } from '../../shared/app/leases.ts';
import type { PastReader } from '../../shared/app/past.ts';
import type {
  CarriedEntries,
  Cohort,
  CounterStore,
  HandResult,
  JournalEntry,
  Mailbox,
  MessageRecord,
  MessageStore,
  ProfileStore,
  QueuedMessage,
  Rules,
  StoredProfile,
  Timers,
  UnknownNote,
  WaitMachine,
  WakeRequest,
} from '../../shared/app/ports.ts';
import type { Job } from '../../shared/app/scans/job.ts';
import type { EraseParams } from '../../shared/app/scans/kinds/erase.ts';
import type { ScanPorts } from '../../shared/app/scans/scan-kind.ts';
import { scanSegment } from '../../shared/app/scans/scan-segment.ts';
import { sendMessage } from '../../shared/app/send.ts';
import { settleUndelivered } from '../../shared/app/settle-undelivered.ts';
import { wakeCohort } from '../../shared/app/wake-cohort.ts';
import { wakeSoon } from '../../shared/app/wake-soon.ts';
import type { CompiledCatalog } from '../../shared/domain/compiled-catalog.ts';
import type { Mail, MailRecord } from '../../shared/domain/mail-record.ts';
import { incarnationOf } from '../../shared/domain/profiles/profile.ts';
import { Transient } from '../../shared/kernel/errors.ts';
import { MINUTE_MS, parseInstant, SECOND_MS } from '../../shared/kernel/time.ts';
import { timing } from '../../shared/resources.ts';
import { auditedRules, Poisoned, withoutAddresses } from './audit.ts';
import { carrierFirst } from './carrier-first.ts';
import { Erased } from './check-erasure.ts';
import { checkCount } from './checks.ts';
import { eraseRound } from './erase-round.ts';
import {
  type JournalItems,
  memoryCarried,
  memoryCounters,
  memoryJobs,
  memoryJournal,
  memoryMessages,
  memoryPast,
  memoryProfiles,
  memoryRemains,
  noBacklog,
  noFiles,
  noMessages,
  noStatistics,
} from './memory-stores.ts';
import type { Mutation } from './mutations.ts';
import { fewEntries } from './scenario.ts';
import { type Choose, name, type Process, type QueuedMail, Scheduler } from './scheduler.ts';

const asMoved = (entry: JournalEntry): JournalEntry => ({ ...entry, st: 'moved', jk: `${entry.key}|${entry.jk}` });

interface Queued<T> {
  readonly id: string;
  readonly body: T;
  receives: number;
  visibleAt: number;
}

interface Erasure extends Wanted {
  isDone: boolean;
  /** When it looks again. */
  nextAt: number;
  looks: number;
  process?: Process;
}

interface Execution {
  readonly name: string;
  readonly due: number;
  readonly cohort: Cohort;
  isOpen: boolean;
  process?: Process;
}

const VISIBILITY_MS = timing.visibilityTimeoutSeconds * SECOND_MS;
const DEDUPLICATION_MS = 5 * MINUTE_MS;
const STALE_MS = 2 * SECOND_MS;
/** An erasure's job looks again, where who writes late has to meet it. */
const SOON_MS = 2 * SECOND_MS;

/**
 * Everything around the functions, in memory: tables, queues (FIFO groups that block, visibility, redelivery, dead
 * letters, deduplication), executions, a provider. The functions are the real ones.
 */
export class World extends Scheduler {
  mailboxMaxReceives = 3;
  /** Whether invocations may begin late (scripts.ts). */
  mayBeLate = false;
  readonly profiles = new Map<string, StoredProfile>();
  readonly journal: JournalItems = new Map();
  readonly messages = new Map<string, MessageRecord>();
  readonly notes = new Map<string, UnknownNote>();
  readonly counters = new Map<string, number>();
  readonly mail = new Map<string, QueuedMail[]>();
  deadMail: QueuedMail[] = [];
  messageQueue: Queued<QueuedMessage>[] = [];
  deadMessages: Queued<QueuedMessage>[] = [];
  wakes: Queued<WakeRequest>[] = [];
  soon: Queued<WakeRequest>[] = [];
  executions: Execution[] = [];

  /** Jobs that erase somebody. */
  readonly erasures: Erasure[] = [];
  readonly erased = new Erased();

  wakeLost = false;
  /** Ids of events that a clause counts. */
  readonly counting = new Set<string>();
  readonly handed = new Map<string, number>();
  readonly decided = new Map<string, number>();
  readonly held = new Map<string, number>();
  /** Journal keys of wakes that changed something, and in which incarnation. */
  readonly woken = new Map<string, { readonly key: string; readonly jk: string; readonly inc: number }>();
  readonly #catalogs: readonly CompiledCatalog[];
  readonly #lastSequence = new Map<string, number>();
  readonly #deduplicated = new Map<string, number>();
  readonly #places = new Set<number>();

  constructor(
    choose: Choose,
    catalogs: readonly CompiledCatalog[],
    mutations: ReadonlySet<Mutation>,
    trace?: string[],
  ) {
    super(choose, mutations, trace);
    this.#catalogs = catalogs;
  }

  // ---- the ports of one process -----------------------------------------------------------------------------------

  /** @param own the profiles that it evaluates. */
  #evaluatePorts(process: Process, own: ReadonlySet<string>): EvaluatePorts {
    const { mutations } = this;
    const profiles = memoryProfiles(this.profiles, { onCommit: (before, next) => this.#onCommit(before, next) });
    const journal = this.#journal();
    const ports: EvaluatePorts = {
      clock: process.clock,
      metrics: { count: (name) => this.coverage.add(name) },
      rules: this.#rules(),
      stats: { add: async () => undefined },
      permits: new Leases(this.#counters(process), process.clock),
      suppressions: this.scheduled(process, 'suppressions', { put: async () => undefined }),
      consents: this.scheduled(process, 'consents', { put: async () => undefined }),
      mailbox: this.#mailbox(process),
      profiles: this.scheduled(process, 'profiles', {
        commit: profiles.commit,
        async read(key) {
          const stored = await profiles.read(key);
          if (stored === undefined) return stored;
          const { pending: _, ...rest } = stored;
          return own.has(key) && mutations.has('effects are forgotten') ? rest : stored;
        },
      } satisfies EvaluatePorts['profiles']),
      journal: this.scheduled(process, 'journal', journal),
      carried: this.#carried(process),
      past: { retentionDays: 90, read: this.scheduled(process, 'past', this.#past()).read },
      messageQueues: this.scheduled(process, 'messages', {
        send: async (messages: readonly QueuedMessage[]) => {
          for (const body of messages)
            this.messageQueue.push({ id: this.nextId('copy'), body, receives: 0, visibleAt: 0 });
          return [];
        },
      }),
      timers: this.scheduled(process, 'timers', this.#timers()),
      catalogs: {
        current: async (atLeastEpoch) => {
          const isEnough = process.epoch >= atLeastEpoch || mutations.has('catalog may go back');
          return this.#catalogs[(isEnough ? process.epoch : this.epoch) - 1]!;
        },
      },
    };
    return mutations.has('what carries the certificate goes first') ? carrierFirst(ports) : ports;
  }

  #carried(process: Process): CarriedEntries {
    const { has } = memoryCarried(this.messages, (at) => this.now - at < STALE_MS && this.choose(4) === 3);
    const mutated: Pick<CarriedEntries, 'has'> = {
      has: async (key, message, entry) =>
        this.mutations.has('any claim certifies') ? this.messages.has(`${key} ${message}`) : has(key, message, entry),
    };
    return { mayCarry: true, has: this.scheduled(process, 'carried', mutated).has };
  }

  #rules(): Rules {
    if (this.mutations.has('what was sent to an address alone stays')) return withoutAddresses;
    if (!this.mutations.has('what was before is let in')) return auditedRules;
    return {
      ...auditedRules,
      decide: (profile, key, record, ...more) => {
        const { erased } = profile;
        const seen = erased === undefined ? profile : { ...profile, erased: { ...erased, at: 0 } };
        const decision = auditedRules.decide(seen, key, record, ...more);
        if (erased === undefined) return decision;
        const changed =
          decision.changed && decision.profile.erased?.at === 0 ? { ...decision.profile, erased } : decision.profile;
        return { ...decision, profile: decision.changed ? changed : profile };
      },
    };
  }

  #counters(process: Process): CounterStore {
    if (!this.mutations.has('counters are read, then written')) {
      return this.scheduled(process, 'counters', memoryCounters(this.counters));
    }
    const item = this.scheduled(process, 'counters', {
      read: async (key: string) => this.counters.get(key) ?? 0,
      write: async (key: string, to: number) => void this.counters.set(key, to),
    });
    return {
      async advance({ name: key }, by, { ceiling }) {
        const at = await item.read(key);
        if (at + by > ceiling) return { taken: false, at };
        await item.write(key, at + by);
        return { taken: true, at };
      },
    };
  }

  #journal() {
    const journal = memoryJournal(this.journal, {
      clock: () => this.now,
      isStale: (writtenAt) => this.now - writtenAt < STALE_MS && this.choose(4) === 3,
    });
    const { mutations } = this;
    return {
      ...journal,
      read: async (key, jk, consistency) => {
        if (consistency === 'strong' && mutations.has('no journal look-up')) return undefined;
        const weak = consistency === 'strong' && mutations.has('journal look-up not strong');
        const entry = await journal.read(key, jk, weak ? 'eventual' : consistency);
        if (entry?.lacksInput && mutations.has('what lacks its input is counted')) return { v: entry.v, st: entry.st };
        if (entry === undefined || consistency === 'strong') return entry;
        return mutations.has('certificate of any version') ? { ...entry, v: this.profiles.get(key)!.version } : entry;
      },
      put: async ({ inc, ...entry }) => {
        const isCarried = entry.t === 'wake' && entry.why.some(({ code }) => code === 'message.decided');
        if (isCarried && mutations.has('nobody certifies where no message has')) return;
        await journal.put({
          ...entry,
          ...(inc !== undefined && !mutations.has('the journal names no incarnation') && { inc }),
        });
      },
      putInput: async (entry) => {
        if (!mutations.has('what lacks its input stays so')) await journal.putInput(entry);
      },
      putIfAbsent: async (entry) => {
        if (entry.v > 0 && mutations.has('inert mates are not journaled')) return true;
        if (!mutations.has('inert entries overwrite')) return journal.putIfAbsent(entry);
        await journal.put(entry);
        return true;
      },
    } satisfies typeof journal;
  }

  #past(): PastReader {
    const past = memoryPast(this.journal, 90, this.messages);
    return {
      ...past,
      read: async (key, ask, mostBytes) => {
        const found = await past.read(key, ask, mostBytes);
        if (this.mutations.has('what nobody learned from counts')) {
          return { ...found, entries: found.entries.map((entry) => ({ ...entry, why: [] })) };
        }
        const entries = [...this.journal.values()].map(({ entry }) => entry).filter(({ key: of }) => of === key);
        return this.mutations.has('what was forwarded counts') ? { ...found, entries: entries.map(asMoved) } : found;
      },
    };
  }

  #timers(): Timers {
    return {
      arm: async (wakes) => {
        for (const body of wakes) {
          const delay = Math.max(0, body.due - this.now);
          const isSoon = delay <= timing.soonSeconds * SECOND_MS;
          const queued = { id: this.nextId('wake'), body, receives: 0, visibleAt: isSoon ? this.now + delay : 0 };
          (isSoon ? this.soon : this.wakes).push(queued);
        }
        return [];
      },
    };
  }

  #mailbox(process: Process): Mailbox {
    return this.scheduled(
      process,
      'mailbox',
      {
        send: async (mails) => {
          for (const { id, mail } of mails) {
            const records = mail.records.flatMap((one) => this.#mutatedHolding(one));
            if (records.length > 0) this.post(id, { ...mail, records });
          }
          return [];
        },
      } satisfies Mailbox,
      ([mails]) =>
        (mails as { mail: Mail }[]).map(({ mail }) => `${name(mail.key)}<-${mail.records.map(({ t }) => t)}`).join(' '),
    );
  }

  #mutatedHolding(record: MailRecord): readonly MailRecord[] {
    if (record.t === 'wipe' && this.mutations.has('wipes are not sent')) return [];
    if ('inc' in record && this.mutations.has('merge mail names no incarnation')) {
      const { inc: _, ...rest } = record;
      return record.t === 'absorb' || record.t === 'yield' ? [rest as MailRecord] : [record];
    }
    if (record.t !== 'hold' && record.t !== 'release') return [record];
    return this.mutations.has('who holds an identity is not told') ? [] : [record];
  }

  // ---- mailbox ----------------------------------------------------------------------------------------------------

  post(deduplicationId: string, mail: Mail): void {
    const scoped = `${mail.key}>${deduplicationId}`;
    const known = this.#deduplicated.get(scoped);
    if (known !== undefined && this.now - known < DEDUPLICATION_MS) {
      this.coverage.add('duplicate swallowed by SQS');
      return;
    }
    this.#deduplicated.set(scoped, this.now);
    this.#enqueue(mail, false);
  }

  #enqueue(mail: Mail, redriven: boolean): void {
    const queue = this.mail.get(mail.key) ?? [];
    this.mail.set(mail.key, queue);
    const sequence = this.nextNumber();
    queue.push({ id: `mail${sequence}`, mail, sequence, receives: 0, visibleAt: 0, redriven });
  }

  receivableGroups(): string[] {
    return [...this.mail]
      .filter(([, queue]) => queue.length > 0 && queue.every(({ visibleAt }) => visibleAt <= this.now))
      .map(([key]) => key);
  }

  #receive(key: string, most: number, visibilityMs = VISIBILITY_MS): QueuedMail[] {
    const queue = this.mail.get(key)!;
    while (queue[0] !== undefined && queue[0].receives >= this.mailboxMaxReceives) {
      this.deadMail.push(queue.shift()!);
      this.coverage.add('record dead-lettered');
    }
    const received = queue.slice(0, most).filter(({ receives }) => receives < this.mailboxMaxReceives);
    for (const one of received) {
      one.receives += 1;
      one.visibleAt = this.now + visibilityMs;
    }
    return received;
  }

  redrive(): void {
    for (const { mail } of this.deadMail.splice(0)) {
      this.log(`redrive ${name(mail.key)} ${mail.records.map(({ t }) => t)}`);
      this.coverage.add('redrive');
      this.#enqueue(mail, true);
    }
  }

  // ---- invocations ------------------------------------------------------------------------------------------------

  /** @param isQuiet it begins in time, and what it has done is deleted. */
  async startEvaluate(groups: readonly { readonly key: string; readonly most: number }[], isQuiet = true) {
    const isLate = this.mayBeLate && !isQuiet && this.choose(3) === 2;
    const mails = groups.flatMap(({ key, most }) => this.#receive(key, most, isLate ? 0 : VISIBILITY_MS));
    if (mails.length === 0) return;
    const about = mails.map(
      ({ mail, receives }) => `${name(mail.key)}<-${mail.records.map(({ t }) => t)} (${receives})`,
    );
    // A wake that is not evidence of its own due time.
    const seen = (mail: Mail): Mail =>
      this.mutations.has('a wake proves nothing')
        ? { ...mail, records: mail.records.map((one) => (one.t === 'wake' ? { ...one, due: 0 } : one)) }
        : mail;
    const deliveries = mails.map(({ id, receives, mail }) => ({ id, receives, mail: seen(mail) }));
    const process = await this.start(
      'evaluate',
      async (process) => {
        const own = new Set(groups.map(({ key }) => key));
        const failures = await evaluate(deliveries, this.#evaluatePorts(process, own));
        for (const { error } of failures) if (!(error instanceof Transient || error instanceof Poisoned)) throw error;
        return failures.flatMap(({ ids }) => ids);
      },
      (failed: readonly string[]) => {
        for (const one of mails) {
          if (failed.includes(one.id)) continue;
          if (!isQuiet && this.faultsLeft > 0 && this.choose(40) === 39) {
            this.faultsLeft -= 1;
            this.log(`   delete of ${one.id} lost`);
            continue;
          }
          const queue = this.mail.get(one.mail.key)!;
          if (queue.includes(one)) queue.splice(queue.indexOf(one), 1);
        }
      },
      { mails, about: about.join(', ') },
    );
    process.isStuck = isLate;
  }

  async startSend(queued: Queued<QueuedMessage>, { duplicate = false, dead = false } = {}): Promise<void> {
    const queue = dead ? this.deadMessages : this.messageQueue;
    if (duplicate) this.cutOff.add(queued.body.request.id);
    else {
      queued.receives += 1;
      queued.visibleAt = this.now + VISIBILITY_MS;
    }
    const { request } = queued.body;
    const read = { at: 0 };
    const call = async (): Promise<HandResult> => {
      const law = this.erased.checkHand(request, read.at, this.profiles);
      if (law !== undefined) this.fail(law.law, law.detail);
      this.handed.set(request.id, (this.handed.get(request.id) ?? 0) + 1);
      const at = `${request.key} ${request.id}`;
      const row = this.messages.get(at);
      if (row !== undefined && this.choose(3) === 2)
        this.messages.set(at, { ...row, receipts: { delivered: this.now } });
      return { handed: 'p1' };
    };
    await this.start(
      dead ? 'undelivered' : 'send',
      (process) => {
        const goesOn = this.mutations.has('messages of who was erased go on');
        const asked = goesOn ? { ...request, inc: Number.MAX_SAFE_INTEGER } : request;
        const copy = this.mutations.has('all copies are one') ? request.id : queued.id;
        const delivery = {
          ...queued.body,
          request: asked,
          receives: queued.receives,
          by: process.id,
          copy,
        };
        const ports = {
          clock: process.clock,
          metrics: { count: () => undefined },
          messages: this.scheduled(process, 'claims', this.#messages(copy)),
          mailbox: this.#mailbox(process),
        };
        if (dead) return settleUndelivered(delivery, ports);
        const provider = this.scheduled(process, 'provider', { call });
        const profiles = this.scheduled(process, 'profiles', {
          read: async (key: string) => {
            read.at ||= this.nextNumber();
            return memoryProfiles(this.profiles).read(key);
          },
        });
        return sendMessage(delivery, {
          ...ports,
          profiles,
          hand: async () => {
            // That it may not go yet is no fault.
            if (this.choose(12) !== 11) return { renderedAt: this.now, call: provider.call };
            return { holdUntil: this.now, why: 'quiet-hours' };
          },
        });
      },
      (result: Awaited<ReturnType<typeof sendMessage>> | 'again') => {
        const isAck = result === 'ack' || this.mutations.has('everything is acknowledged');
        if (isAck && this.faultsLeft > 0 && this.choose(20) === 19) {
          this.faultsLeft -= 1;
          this.cutOff.add(request.id);
          this.sendHit = true;
          this.coverage.add('delete of a message lost');
          this.log(`   delete of ${queued.id} lost`);
        } else if (isAck && queue.includes(queued)) queue.splice(queue.indexOf(queued), 1);
        else if (typeof result === 'object') queued.visibleAt = this.now + result.nackAfterSeconds * SECOND_MS;
      },
      { message: request.id, about: `${request.origin?.step}${duplicate ? ' (delivered twice)' : ''}` },
    );
  }

  /** @param copy whoever asks has this one. */
  #messages(copy: string): MessageStore {
    const { mutations } = this;
    const store = memoryMessages(this.messages, this.notes);
    const forgotten = {
      ...(this.mutations.has('no claim grace') && { at: 0 }),
      ...(this.mutations.has('another copy of what is held may go') && { decidedAt: -1 }),
    };
    return {
      put: async (record, expected) => {
        const before = this.messages.get(`${record.key} ${record.id}`);
        const isPut = await store.put(record, expected);
        if (isPut && record.st === 'held' && (before?.st !== 'held' || before.by !== record.by)) {
          this.coverage.add('message held');
          this.held.set(record.id, (this.held.get(record.id) ?? 0) + 1);
        }
        if (this.mutations.has('who takes a claim over forgets what it carries') && isPut && expected !== 'absent') {
          this.messages.set(`${record.key} ${record.id}`, record);
        }
        return isPut;
      },
      noteUnknown: this.mutations.has('what is unknown is in no list') ? async () => undefined : store.noteUnknown,
      async read(key, id) {
        const found = await store.read(key, id);
        const isAnybodys = found?.st === 'retry' && mutations.has('any copy may try again');
        return found && { ...found, ...forgotten, ...(isAnybodys && { copy }) };
      },
    };
  }

  async startArm(records: readonly Queued<WakeRequest>[]): Promise<void> {
    for (const one of records) one.visibleAt = this.now + VISIBILITY_MS;
    const machine: WaitMachine = {
      start: async (given, cohort) => {
        const mutated = this.mutations.has('execution named by its minute') ? given.slice(0, 17) : given;
        if (this.executions.some((one) => one.name === mutated)) return;
        this.executions.push({ name: mutated, due: parseInstant(cohort.due)!, cohort, isOpen: true });
      },
    };
    await this.start(
      'arm',
      (process) =>
        armTimers(
          records.map(({ id, body }) => ({ id, ...body })),
          process.id,
          { clock: process.clock, machine: this.scheduled(process, 'machine', machine, ([at]) => String(at)) },
        ),
      (failed: readonly string[]) => {
        this.wakes = this.wakes.filter((one) => !records.includes(one) || failed.includes(one.id));
      },
    );
  }

  async startSoon(records: readonly Queued<WakeRequest>[]): Promise<void> {
    for (const one of records) one.visibleAt = this.now + VISIBILITY_MS;
    await this.start(
      'soon',
      (process) =>
        wakeSoon(
          records.map(({ id, body }) => ({ id, ...body })),
          { clock: process.clock, mailbox: this.#mailbox(process) },
        ),
      () => {
        this.soon = this.soon.filter((one) => !records.includes(one));
      },
    );
  }

  async startCohort(execution: Execution): Promise<void> {
    execution.process = await this.start(
      'cohort',
      (process) =>
        wakeCohort(execution.name, execution.cohort, { clock: process.clock, mailbox: this.#mailbox(process) }),
      () => {
        execution.isOpen = false;
      },
      { about: execution.name },
    );
  }

  ask(wanted: Wanted): void {
    if (this.erasures.some(({ job }) => job === wanted.job)) return;
    this.erasures.push({ ...wanted, isDone: false, nextAt: this.now, looks: 0 });
  }

  /** One look of the job of an erasure. */
  async startErase(erasure: Erasure): Promise<void> {
    const remains = memoryRemains(this.journal, this.messages, this.notes, (one) => this.erased.removed(one));
    erasure.looks += 1;
    erasure.nextAt = this.now + (this.mayBeLate ? SOON_MS : MINUTE_MS);
    erasure.process = await this.start(
      'erase',
      (process) =>
        eraseRound(erasure, {
          clock: process.clock,
          profiles: this.scheduled(process, 'profiles', this.#erasedProfiles()),
          mailbox: this.#mailbox(process),
          remains: this.scheduled(process, 'remains', {
            remove: this.mutations.has('nothing is deleted elsewhere') ? async () => 0 : remains.remove,
          }) as Remains,
        }),
      (st: Awaited<ReturnType<typeof eraseRound>>) => {
        erasure.isDone = st === 'settled';
        if (st === 'settling') erasure.nextAt = this.now + SETTLES_MS;
      },
      { about: `${erasure.job} ${name(erasure.key)}` },
    );
  }

  #erasedProfiles(): Pick<ProfileStore, 'read'> {
    const { read } = memoryProfiles(this.profiles);
    if (!this.mutations.has('nobody waits for who writes late')) return { read };
    return {
      async read(key) {
        const stored = await read(key);
        const { erased } = stored?.profile ?? {};
        if (erased?.left === undefined) return stored;
        const left = { ...erased.left, since: erased.left.since - SETTLES_MS };
        return { ...stored!, profile: { ...stored!.profile, erased: { ...erased, left } } };
      },
    };
  }

  /** What the sweep starts is an erasure that goes on. */
  #sweepJobs(sweep: Job): ReturnType<typeof memoryJobs> {
    return {
      ...memoryJobs([sweep]),
      create: async (job) => {
        const { key, at = job.at } = job.params as EraseParams;
        this.coverage.add('erasure taken up again');
        if (!this.mutations.has('nobody takes up an erasure again')) this.ask({ job: job.id, key, at });
        return job;
      },
    };
  }

  async startSweep(journalRetentionDays = 90): Promise<void> {
    await this.start(
      'sweep',
      async (process) => {
        const job: Job = {
          id: `sweep-${this.now}`,
          kind: 'sweep',
          state: 'running',
          params: {},
          segments: 1,
          at: this.now,
          begin: this.now,
          run: 0,
          by: 'schedule',
        };
        const ports = {
          clock: process.clock,
          metrics: { count: () => undefined },
          mailbox: this.mutations.has('the sweep tells nobody') ? { send: async () => [] } : this.#mailbox(process),
          journal: this.scheduled(process, 'journal', this.#journal()),
          profiles: this.scheduled(process, 'profiles', memoryProfiles(this.profiles)),
          catalogs: { current: () => Promise.reject(new Error('a sweep decides nothing')) },
          journalRetentionDays,
          jobs: this.#sweepJobs(job),
          machine: { start: async () => undefined },
          ...noBacklog,
          ...noStatistics,
          ...noMessages,
          ...noFiles,
          carried: this.#carried(process),
        } satisfies ScanPorts;
        await scanSegment({ job: job.id, run: 0, segment: 0 }, () => false, ports);
      },
      () => undefined,
    );
  }

  // ---- laws that hold at every commit -----------------------------------------------------------------------------

  #onCommit(before: StoredProfile | undefined, next: StoredProfile): void {
    const { key, pending } = next;
    const broken = this.erased.onCommit(before, next, this);
    if (broken !== undefined) this.fail(broken.law, broken.detail);
    if (before !== undefined && next.epoch < before.epoch)
      this.fail('G8 older catalog', `${before.epoch} -> ${next.epoch}`);
    for (const effect of pending?.eff ?? []) {
      if (effect.e !== 'message') continue;
      const { id, origin } = effect.message;
      this.decided.set(id, (this.decided.get(id) ?? 0) + 1);
      const due = origin && before?.profile.runs[origin.run]?.due;
      if (due !== undefined && this.now < due - 4 * SECOND_MS) {
        this.fail('G6 early', `${origin!.step} ${(due - this.now) / SECOND_MS} s before its time`);
      }
    }
    // What was dead-lettered comes out of its turn, and its entry may lack its input until then.
    if (this.mailboxMaxReceives === 1_000 && pending?.ids.some(({ t }) => t === 'fill')) {
      const broken = checkCount(this, next, 'when it is filled');
      if (broken !== undefined) this.fail(broken.law, broken.detail);
    }
    for (const { jk, t } of pending?.v === next.version ? pending.ids : []) {
      if (t === 'wake') this.woken.set(`${key} ${jk}`, { key, jk, inc: incarnationOf(next.profile) });
    }
    for (const { journey, code, saw } of (pending?.ids ?? []).flatMap(({ why }) => why)) {
      if (journey !== 'few' || !code.endsWith('.entered')) continue;
      const place = (saw as { readonly [counter: string]: number })['entries#total']!;
      if (place >= fewEntries) this.fail('limit exceeded', `place ${place} of ${fewEntries}`);
      if (this.#places.has(place)) this.fail('limit: a place was given twice', String(place));
      this.#places.add(place);
      if (this.#places.size === fewEntries) this.coverage.add('limit reached');
    }
    for (const { st, jk, t } of pending?.ids ?? []) {
      if (t !== 'event' || st !== 'moved') continue;
      const mail = this.doing!.mails.find(
        ({ mail }) => mail.key === key && mail.records.some((one) => one.t === 'event' && toldKey(one) === jk),
      );
      if (mail === undefined || mail.redriven) continue;
      const last = this.#lastSequence.get(key) ?? 0;
      if (mail.sequence < last) this.fail('G4 order', `record ${mail.sequence} after ${last}`);
      this.#lastSequence.set(key, Math.max(last, mail.sequence));
    }
  }
}
