import { GatewayError } from '../errors.js'

/**
 * What `work` resolves to, unless it takes longer than `limitMs` milliseconds: then it rejects with
 * `store_unavailable`, and `onLate` can give up what it holds. Whatever `work` rejects with is
 * `store_unavailable` too, so that nothing of an engine's own words goes on, unless it is one of ours.
 */
export const inTime = <T>(
  limitMs: number,
  work: Promise<T>,
  onLate: () => void = () => {},
): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      onLate()
      reject(new GatewayError('store_unavailable'))
    }, limitMs)
  })
  return Promise.race([work, late])
    .catch((error: unknown) => {
      throw error instanceof GatewayError ? error : new GatewayError('store_unavailable')
    })
    .finally(() => clearTimeout(timer))
}
