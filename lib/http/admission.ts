import type { Exchange } from './exchange.js'

/** Whether requests are taken in. */
export interface Admission {
  /** Whether all are: so it is nearly always, and no more is asked then. */
  readonly isOpen: boolean
  /** Whether this one is not, where not all are. */
  refuses(exchange: Exchange): boolean
}
