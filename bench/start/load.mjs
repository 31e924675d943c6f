// A process that loads one bundle, as Lambda's runtime does, and says what CPU it has used since it began, in µs. Without
// a bundle it says what Node alone takes. Plain JavaScript, and no import: whatever this file needs, all would pay.
const [, , file] = process.argv;
if (file !== undefined) {
  const { handler } = await import(file);
  if (typeof handler !== 'function') throw new Error(`${file} exports no handler`);
}
const { user, system } = process.cpuUsage();
process.getBuiltinModule('node:fs').writeSync(1, String(user + system));
process.exit();
