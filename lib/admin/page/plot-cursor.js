// One moment that all plots point at: where the pointer is over one, the others show the same time.

/** @typedef {(atMs: number | undefined) => void} CursorListener */

/** @type {Set<CursorListener>} */
const listeners = new Set()

/** @param {number | undefined} atMs the time of a snapshot; `undefined` for the newest */
export const pointAt = (atMs) => {
  for (const listener of listeners) listener(atMs)
}

/** @param {CursorListener} listener */
export const onPoint = (listener) => void listeners.add(listener)
