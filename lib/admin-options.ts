import { DEFAULTS } from './defaults.js'
import { group, integer, optional, text } from './option-kinds.js'

/** Where operators are listened to, if nothing else is said and there is an `adminToken`. */
export const ADMIN_PORT = 8081

/** The port for operators; `undefined` where they are not listened to. */
export const adminPortOf = ({
  admin,
  adminToken,
}: {
  admin: { port?: number | undefined }
  adminToken?: string | undefined
}): number | undefined => admin.port ?? (adminToken === undefined ? undefined : ADMIN_PORT)

/** The options of the listener for operators. */
export const adminOptions = {
  adminToken: text('32 to 512 visible ASCII characters', /^[\x21-\x7e]{32,512}$/)
    .optional()
    .describe(
      'token of operators, 32 to 512 visible ASCII characters; without it no users are shown, and all else on this machine alone',
    ),
  admin: group({
    host: text('a host name or address', /^\S+$/)
      .default(DEFAULTS.admin.host)
      .describe(
        'address to listen on for operators, in plain HTTP; without an `adminToken` one of this machine alone',
      ),
    port: optional(
      integer(0, 65_535, 0, ''),
      `port to listen on for operators; 0 takes any; without it ${ADMIN_PORT} where there is an \`adminToken\`, and no admin listener where there is none`,
    ),
  }),
}
