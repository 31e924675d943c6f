import { readDocument } from '../../docs/documents.ts';
import { codeSpans, splitCode } from '../../docs/markdown.ts';

/** From this line on, the commands of a block need AWS: nobody runs them here. */
export const ON_AWS = '# Only on AWS:';

export type Section = 'Look' | 'Decide' | 'Act' | 'Verify';

export interface Block {
  readonly section: Section;
  /** What can be run on the local cloud. */
  readonly here: string;
  readonly onAws: string;
}

/** A page of docs/runbooks: its blocks by section, and every command that stands in its text. */
export class Runbook {
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly #run = new Set<Block>();
  readonly #done = new Set<string>();

  constructor(name: string) {
    this.name = name;
    this.text = readDocument(`docs/runbooks/${name}.md`);
    this.blocks = this.text
      .split(/^## /m)
      .slice(1)
      .flatMap((part) => {
        const named = sectionOf(part.split('\n')[0]!);
        return splitCode(part).blocks.map(({ text }) => ({ section: named, ...splitBlock(text) }));
      });
  }

  /** The blocks of a section, to be run; of several, which one. */
  take(section: Section, index?: number): string {
    const found = this.blocks.filter((block) => block.section === section);
    const taken = index === undefined ? found : [found[index]!];
    if (taken.length === 0) throw new Error(`${this.name} has no commands under ${section}`);
    for (const block of taken) this.#run.add(block);
    return taken.map(({ here }) => here).join('\n');
  }

  /** A command of the text or of a block, as it stands there. */
  says(command: string): string {
    const block = this.blocks.find(({ here }) => here.includes(command));
    if (block !== undefined) this.#done.add(command);
    else if (!codeSpans(this.text).some((one) => one.replace(/\s+/g, ' ').includes(command))) {
      throw new Error(`${this.name} does not say: ${command}`);
    }
    return command;
  }

  /** Words that a person sees and looks up on the page. */
  names(words: string): void {
    if (!this.text.includes(words)) throw new Error(`${this.name} does not speak of ${words}`);
  }

  /** Lines that could be run, and were not. */
  left(): readonly string[] {
    const blocks = this.blocks.filter((block) => !this.#run.has(block));
    const lines = blocks.flatMap(({ here }) => commandsIn(here));
    return lines.filter((line) => ![...this.#done].some((command) => line.includes(command)));
  }
}

function splitBlock(text: string): Pick<Block, 'here' | 'onAws'> {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.trim().startsWith(ON_AWS));
  if (at < 0) return { here: text, onAws: '' };
  return { here: lines.slice(0, at).join('\n'), onAws: lines.slice(at + 1).join('\n') };
}

/** `Decide, act` is where one acts. */
const sectionOf = (heading: string): Section => (/act$/i.test(heading.trim()) ? 'Act' : (heading.trim() as Section));

/** Lines that are not empty, and no comment. */
export const commandsIn = (text: string): string[] =>
  text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
