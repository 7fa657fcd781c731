/** @import { Snapshot } from './contract.d.ts' */

/** @typedef {{ x: number, low: number, high: number }} Point heights in pixels from above */

/** Two snapshots farther apart than this have a hole between them. */
const HOLE_MS = 3_500

/**
 * The unbroken stretches of a series.
 * @param {readonly Snapshot[]} snapshots
 * @param {(snapshot: Snapshot, index: number) => Point | null} pointOf
 * @returns {Point[][]}
 */
export const stretches = (snapshots, pointOf) => {
  /** @type {Point[][]} */
  const found = []
  let previousMs = -Infinity
  snapshots.forEach((snapshot, index) => {
    const point = pointOf(snapshot, index)
    if (!point) {
      previousMs = -Infinity
      return
    }
    if (snapshot.at - previousMs > HOLE_MS) found.push([])
    previousMs = snapshot.at
    found.at(-1)?.push(point)
  })
  return found
}

/** @param {number} value */
const px = (value) => value.toFixed(1)

/**
 * The upper edge of each stretch.
 * @param {Point[][]} parts
 */
export const linePath = (parts) =>
  parts
    .map(
      (points) =>
        // A point alone is seen as a dot, by its round ends.
        `M${points.map(({ x, high }) => `${px(x)} ${px(high)}`).join('L')}${points.length === 1 ? 'h.01' : ''}`,
    )
    .join('')

/**
 * What is between the two edges of each stretch.
 * @param {Point[][]} parts
 */
export const areaPath = (parts) =>
  parts
    .map((points) => {
      const above = points.map(({ x, high }) => `${px(x)} ${px(high)}`)
      const below = points.map(({ x, low }) => `${px(x)} ${px(low)}`).reverse()
      return `M${[...above, ...below].join('L')}Z`
    })
    .join('')
