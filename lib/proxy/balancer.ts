export interface Weighted {
  /** Its share of the traffic, beside the others' weights; above 0. */
  readonly weight: number
  /** Requests in flight. */
  readonly inFlight: number
}

/** Chooses one of at least one. */
export type Balance = <T extends Weighted>(from: readonly T[]) => T

/**
 * The power of two choices (Mitzenmacher, 2001): of two drawn at random by weight, the one with fewer
 * requests in flight for its weight. Close to the least loaded, without a herd that runs to it.
 * `random` gives numbers from 0 up to but without 1.
 */
export const createBalance =
  (random: () => number = Math.random): Balance =>
  (from) => {
    const first = draw(from, random)
    if (from.length === 1) return first
    const second = draw(
      from.filter((one) => one !== first),
      random,
    )
    return loadOf(second) < loadOf(first) ? second : first
  }

const loadOf = ({ inFlight, weight }: Weighted): number => inFlight / weight

const draw = <T extends Weighted>(from: readonly T[], random: () => number): T => {
  let left = random() * from.reduce((sum, { weight }) => sum + weight, 0)
  for (const one of from) {
    left -= one.weight
    if (left < 0) return one
  }
  return from.at(-1) as T // rounding; and there is at least one
}
