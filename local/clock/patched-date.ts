/** Makes `Date` follow the virtual clock inside a worker; `performance` and timers stay real, as time-outs must. */
export function patchDate(shared: SharedArrayBuffer, skew: SharedArrayBuffer): void {
  const cells = new Float64Array(shared);
  const ahead = new Float64Array(skew);
  const RealDate = Date;
  const realNow = RealDate.now.bind(RealDate);
  const now = (): number => {
    const frozenAt = cells[1]!;
    return ahead[0]! + (Number.isNaN(frozenAt) ? Math.floor(realNow() + cells[0]!) : frozenAt);
  };
  function VirtualDate(this: unknown, ...parts: unknown[]): unknown {
    if (!new.target) return new RealDate(now()).toString();
    return Reflect.construct(RealDate, parts.length === 0 ? [now()] : parts, new.target);
  }
  // The prototype is shared, so that `instanceof Date` holds on both sides.
  VirtualDate.prototype = RealDate.prototype;
  RealDate.prototype.constructor = VirtualDate;
  Object.assign(VirtualDate, { now, parse: RealDate.parse, UTC: RealDate.UTC });
  Object.defineProperty(VirtualDate, 'length', { value: 7 });
  Object.defineProperty(VirtualDate, 'name', { value: 'Date' });
  globalThis.Date = VirtualDate as unknown as DateConstructor;
}
