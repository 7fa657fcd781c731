// From values to heights: 0 is the foot of a plot, 1 its top.

/**
 * @typedef {object} Scale
 * @property {(value: number) => number} height
 * @property {number[]} ticks values that get a line
 */

/**
 * From zero to a round value that is not less than `most`.
 * @param {number} most
 * @returns {Scale}
 */
export const linearScale = (most) => {
  const step = roundStep(Math.max(most, LEAST_TOP) / LINES)
  const lines = Math.max(1, Math.ceil(Math.max(most, LEAST_TOP) / step - 1e-9))
  const top = step * lines
  return {
    height: (value) => value / top,
    ticks: Array.from({ length: lines + 1 }, (_, i) => i * step),
  }
}

/**
 * As many times more is as far everywhere: the middle is seen beside the worst.
 * @param {number} least
 * @param {number} most
 * @returns {Scale}
 */
export const logScale = (least, most) => {
  const low = Math.min(Math.floor(Math.log10(Math.max(least, LEAST_MS))), 0)
  const high = Math.max(Math.ceil(Math.log10(Math.max(most, LEAST_MS)) - 1e-9), low + 1)
  const isFine = high - low < 3
  const ticks = []
  for (let power = low; power <= high; power++)
    for (const factor of isFine ? [1, 2, 5] : [1])
      if (factor === 1 || power < high) ticks.push(factor * 10 ** power)
  return {
    height: (value) => (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low),
    ticks,
  }
}

const LINES = 4
const LEAST_TOP = 1
const LEAST_MS = 0.1

/**
 * 1, 2 or 5 times a power of ten.
 * @param {number} least
 */
const roundStep = (least) => {
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = [1, 2, 5].find((one) => one * power >= least - 1e-9) ?? 10
  return factor * power
}
