import type { EvaluatePorts } from '../../shared/app/evaluate.ts';

/** A mutant: what must come before the message that carries the certificate comes behind it. */
export function carrierFirst(ports: EvaluatePorts): EvaluatePorts {
  const late: (() => Promise<unknown>)[] = [];
  const catchUp = async () => {
    for (const one of late.splice(0)) await one();
  };
  const putOff = (one: () => Promise<unknown>) => {
    late.push(one);
    return Promise.resolve([]);
  };
  return {
    ...ports,
    timers: { arm: (wakes) => putOff(() => ports.timers.arm(wakes)) },
    messageQueues: {
      async send(messages) {
        const refused = await ports.messageQueues.send(messages);
        await catchUp();
        return refused;
      },
    },
    journal: {
      ...only(ports.journal),
      async put(entry) {
        await catchUp();
        await ports.journal.put(entry);
      },
      async putIfAbsent(entry) {
        await catchUp();
        return ports.journal.putIfAbsent(entry);
      },
    },
  };
}

const only = ({ read, listParked, countTry, forgetTries, putInput }: EvaluatePorts['journal']) => ({
  ...{ read, listParked, countTry, forgetTries, putInput },
});
