/** How much may be sent twice, so that retries cannot multiply the load on what is failing. */
export interface RetryBudget {
  /** Counts a request. */
  earn(): void
  /** Whether one more try may be made now; counts it. */
  spend(): boolean
}

/**
 * Allows `percent` tries more per hundred requests, and saves up at most `MOST` of them. It begins
 * with `FEW`, so that the first failure on a quiet day is made good too.
 */
export const createRetryBudget = (percent: number): RetryBudget => {
  const perRequest = percent / 100
  let saved = percent === 0 ? 0 : FEW
  return {
    earn: () => {
      saved = Math.min(saved + perRequest, MOST)
    },
    spend: () => {
      if (saved < 1) return false
      saved -= 1
      return true
    },
  }
}

const FEW = 10
const MOST = 100
