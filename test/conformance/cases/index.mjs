import answers from './answers.mjs'
import bodies from './bodies.mjs'
import connections from './connections.mjs'
import failures from './failures.mjs'
import fields from './fields.mjs'
import framing from './framing.mjs'
import informational from './informational.mjs'
import streaming from './streaming.mjs'
import syntax from './syntax.mjs'
import upgrade from './upgrade.mjs'

/** Every behaviour that is looked at, in the order of the table. */
export const CASES = [
  ...framing,
  ...syntax,
  ...fields,
  ...bodies,
  ...informational,
  ...streaming,
  ...upgrade,
  ...connections,
  ...answers,
  ...failures,
]
