export {
  passportHook,
  requirePassport,
  type FastifyReplyLike,
  type Guard,
  type NodeResponse,
  type PassportRequest,
  type RequirePassportOptions,
  type WithPassport,
} from './middleware.js'
export { mintPassport, type MintedFields, type MintedHeaders, type MintOptions } from './mint.js'
export {
  createPassportReader,
  readPassport,
  type Anonymous,
  type PassportFor,
  type PassportReader,
  type PassportReaderOptions,
  type PassportReading,
  type PassportRejection,
  type ReceivedRequest,
} from './reader.js'
export type { PassportHeaders } from './header-fields.js'
export type { PassportSecret, PassportTrust } from './keys.js'
export type { AnonymousPassport, Passport, UserPassport } from './passport-json.js'
export type { BoundRequest, Secret } from './signature.js'
