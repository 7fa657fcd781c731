import { CROWDS } from './crowds.mjs'
import { ENDS } from './ends.mjs'
import { FAILURES } from './failures.mjs'
import { SPEED } from './speed.mjs'

/** In the order of the table; `without` names who is not measured. */
export const SCENARIOS = [...CROWDS, ...FAILURES, ...ENDS, ...SPEED]
