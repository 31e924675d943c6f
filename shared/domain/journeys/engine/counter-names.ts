/**
 * Names of the counters of steps, as `Count.what` has them. Each is made once and is then the same text: a decision counts
 * several, and whoever adds counts up finds a text that it has seen before without reading it. There are as many as a document
 * has steps and ports.
 */
export function counterNames(nameOf: (step: string, what: string) => string): (step: string, what: string) => string {
  const known = new Map<string, Map<string, string>>();
  return (step, what) => {
    let ofStep = known.get(step);
    if (ofStep === undefined) {
      ofStep = new Map();
      known.set(step, ofStep);
    }
    let name = ofStep.get(what);
    if (name === undefined) {
      name = nameOf(step, what);
      ofStep.set(what, name);
    }
    return name;
  };
}
