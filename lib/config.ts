import * as z from 'zod'
import { breachedFileProblems } from './breached-file.js'
import { ConfigError, problemsOf, type ConfigProblem } from './config-error.js'
import { DEFAULTS } from './defaults.js'
import { gatewayShape } from './gateway-shape.js'
import { LOG_LEVELS } from './log.js'
import { integer } from './option-kinds.js'
import { COMMON_SECRET, haveCommon, readRing, ringSources } from './secrets.js'
import { driverProblems } from './store-choice.js'
import { readTls } from './tls-files.js'

export { DEFAULTS } from './defaults.js'

const gatewaySchema = z.strictObject(gatewayShape, { error: 'must be an object' })

const MOST_WORKERS = 256
const isCount = (value: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= MOST_WORKERS
const WORKERS_RULE = `must be auto, or a whole number from 1 to ${MOST_WORKERS}`

/** Every option, its check, default and description. */
export const settingsSchema = z.strictObject({
  host: z
    .string({ error: 'must be a host name or address' })
    .min(1, { error: 'must not be empty' })
    .default(DEFAULTS.host)
    .describe('address to listen on'),
  port: integer(0, 65_535, DEFAULTS.port, 'port to listen on; 0 takes any'),
  logLevel: z
    .enum(LOG_LEVELS, { error: `must be one of: ${LOG_LEVELS.join(', ')}` })
    .default(DEFAULTS.logLevel)
    .describe('least level that is logged'),
  workers: z
    .preprocess(
      // As flags and the environment have it.
      (value) => (typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value),
      z
        .union([z.literal('auto'), z.number()], { error: WORKERS_RULE })
        .refine((value) => value === 'auto' || isCount(value), { error: WORKERS_RULE }),
    )
    .default(DEFAULTS.workers)
    .meta({
      description:
        'processes that serve, each on a core, behind one listener; `auto`: as many as there are cores; 1: this one alone',
      kind: 'text',
      fallback: DEFAULTS.workers,
    }),
  ...gatewayShape,
})

/** Options of a gateway, complete and checked. */
export type Config = z.output<typeof gatewaySchema>

/** What the command line makes of flags, environment and file. */
export type Settings = z.output<typeof settingsSchema>

/** @throws ConfigError with every problem */
export const parseOptions = (options: unknown): Config => parse(gatewaySchema, options)

/** @throws ConfigError with every problem */
export const parseSettings = (settings: unknown): Settings => parse(settingsSchema, settings)

const parse = <T extends Config>(schema: z.ZodType<T>, value: unknown): T => {
  const result = schema.safeParse(value)
  const problems = [
    ...(result.error ? problemsOf(result.error) : []),
    ...secretProblems(value),
    ...serviceProblems(value),
  ]
  if (result.success)
    problems.push(
      ...overloadProblems(result.data),
      ...adminProblems(result.data),
      ...fileProblems(result.data),
    )
  if (result.success && problems.length === 0) return result.data
  throw new ConfigError(problems)
}

const fileProblems = (config: Config): ConfigProblem[] => {
  const { tls, upstreamTls, storeTls, routes } = config
  const sources = ringSources(config)
  const jwt = readRing(sources.jwt, 'jwtSecretsFile')
  const passport = readRing(sources.passport, 'passportSecretsFile')
  const common: ConfigProblem[] = haveCommon(jwt.secrets, passport.secrets)
    ? [{ option: nameOf(config, PASSPORT_SOURCES), detail: COMMON_SECRET }]
    : []
  const admin = config.adminToken === undefined ? [] : [Buffer.from(config.adminToken)]
  const isShared = haveCommon(
    admin.map((secret) => ({ secret })),
    [...jwt.secrets, ...passport.secrets],
  )
  return [
    ...jwt.problems,
    ...passport.problems,
    ...common,
    ...(isShared ? [{ option: 'adminToken', detail: SHARED_TOKEN }] : []),
    ...breachedFileProblems(config.breachedPasswordsFile),
    ...readTls(tls, 'tls').problems,
    ...readTls(upstreamTls, 'upstreamTls').problems,
    ...readTls(storeTls, 'storeTls').problems,
    ...STORES.flatMap((option) =>
      driverProblems(config[option]).map((detail) => ({ option, detail })),
    ),
    ...routes.flatMap(({ upstreamTls: own }, i) =>
      Object.keys(own).length > 0
        ? readTls({ ...upstreamTls, ...own }, `routes.${i}.upstreamTls`).problems
        : [],
    ),
  ]
}

// What keeps more from coming must not begin after nothing is taken in any more.
const overloadProblems = ({ overload, limits }: Config): ConfigProblem[] =>
  (
    [
      ['loopDelaySoftMs', overload.loopDelayHardMs, 'overload.loopDelayHardMs'],
      ['memorySoftBytes', overload.memoryHardBytes, 'overload.memoryHardBytes'],
      ['connectionsSoft', limits.connections, 'limits.connections'],
      ['requestsSoft', overload.requestsHard, 'overload.requestsHard'],
    ] as const
  ).flatMap(([soft, hardLimit = Infinity, hard]) =>
    (overload[soft] ?? 0) > hardLimit
      ? [{ option: `overload.${soft}`, detail: `must not be more than ${hard}` }]
      : [],
  )

// Without a token whoever reaches the listener is an operator.
const adminProblems = ({ admin, adminToken }: Config): ConfigProblem[] =>
  adminToken === undefined && admin.port !== undefined && !LOOPBACK.test(admin.host)
    ? [{ option: 'admin.host', detail: OPEN_LISTENER }]
    : []

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i
const OPEN_LISTENER = 'must be one of this machine alone, such as 127.0.0.1, without an adminToken'

const STORES = ['store', 'ephemeralStore'] as const

const SHARED_TOKEN = 'must not be a secret of tokens or passports: operators could mint them'

const JWT_SOURCES = ['jwtSecret', 'jwtSecrets', 'jwtSecretsFile'] as const
const PASSPORT_SOURCES = ['passportSecret', 'passportSecrets', 'passportSecretsFile'] as const

const nameOf = (config: Config, sources: typeof PASSPORT_SOURCES): string =>
  sources.find((name) => config[name] !== undefined) as string // only asked where there is one

// A ring has one source, and that of tokens must be given.
const secretProblems = (value: unknown): ConfigProblem[] => {
  if (!isObject(value)) return []
  const given = (sources: readonly string[]): string[] =>
    sources.filter((name) => value[name] !== undefined)
  const missing =
    given(JWT_SOURCES).length === 0
      ? [{ option: 'jwtSecret', detail: 'must be given, or jwtSecrets, or jwtSecretsFile' }]
      : []
  const surplus = [JWT_SOURCES, PASSPORT_SOURCES].flatMap((sources) => {
    const [first, ...others] = given(sources)
    return others.map((option) => ({ option, detail: `must not be given beside ${first}` }))
  })
  return [...missing, ...surplus]
}

// What no option can know of itself: every path has one service, and there is at least one.
const serviceProblems = (value: unknown): ConfigProblem[] => {
  if (!isObject(value)) return []
  const { upstream, routes = [] } = value
  if (!Array.isArray(routes)) return []
  const rows = routes.filter(isObject)
  if (upstream === undefined && rows.length === 0)
    return [{ option: 'upstream', detail: 'must be given, or routes' }]
  const paths = [...(upstream === undefined ? [] : ['/']), ...rows.map(({ path }) => path)]
  return paths.flatMap((path, i) => {
    if (paths.indexOf(path) === i) return []
    const row = upstream === undefined ? i : i - 1
    const detail = 'must be another path than that of an earlier route; upstream is the one of /'
    return [{ option: `routes.${row}.path`, detail }]
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
