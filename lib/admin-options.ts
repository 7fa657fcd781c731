import { DEFAULTS } from './defaults.js'
import { group, integer, text } from './option-kinds.js'

const { admin } = DEFAULTS

/** The options of the listener for operators. */
export const adminOptions = {
  adminToken: text('32 to 512 visible ASCII characters', /^[\x21-\x7e]{32,512}$/)
    .optional()
    .describe(
      'token of operators, 32 to 512 visible ASCII characters; without it no admin listener',
    ),
  admin: group({
    host: text('a host name or address', /^\S+$/)
      .default(admin.host)
      .describe('address to listen on for operators, in plain HTTP'),
    port: integer(0, 65_535, admin.port, 'port to listen on for operators; 0 takes any'),
  }),
}
