import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { PROJECT_FILE } from '../config/project.ts';
import { UsageError, verb } from '../verb.ts';

const starter = join(import.meta.dirname, '../starter');

export const init = verb({
  name: 'init',
  takes: '[FOLDER] [--api URL]',
  summary: 'writes a folder of documents to start from: godwit.yaml, a topic, a template, a journey',
  help: 'Overwrites nothing.',
  options: { api: { type: 'string', takes: 'URL', says: 'of the environment local; `npm start` prints it' } },
  words: [0, 1],
  async run({ words, options, world }) {
    const folder = resolve(world.cwd, words[0] ?? options.dir ?? '.');
    const files = readdirSync(starter, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(starter, join(entry.parentPath, entry.name)))
      .sort();
    const there = files.filter((file) => existsSync(join(folder, file)));
    if (there.length > 0) {
      throw new UsageError(`nothing was written: ${folder} has ${there.join(', ')} already`, 'choose another FOLDER');
    }
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      copyFileSync(join(starter, file), join(folder, file));
    }
    if (options.api !== undefined) {
      const project = join(folder, PROJECT_FILE);
      const text = readFileSync(project, 'utf8');
      writeFileSync(project, text.replace('http://127.0.0.1:8080', JSON.stringify(options.api)));
    }
    return {
      exit: 0,
      text: [
        ...files.map((file) => `wrote ${join(relative(world.cwd, folder) || '.', file)}`),
        'next: godwit lint, godwit login, godwit push --publish',
      ],
      json: { folder, files },
    };
  },
});
