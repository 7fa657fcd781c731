import { searches as addresses } from './addresses.js'
import { searches as answers } from './answers.js'
import { searches as bodies } from './bodies.js'
import { searches as fields } from './fields.js'
import { searches as options } from './options.js'
import { searches as passports } from './passports.js'
import { searches as routes } from './routes.js'
import { searches as rows } from './rows.js'
import type { Search } from './search.js'
import { searches as tokens } from './tokens.js'

/** The searches that ask functions, by the area that they search. */
export const searches: readonly Search[] = [
  tokens,
  routes,
  fields,
  addresses,
  bodies,
  passports,
  options,
  rows,
  answers,
].flat()
