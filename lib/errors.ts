/** Every error a client can receive: its status and a sentence that names the way out. The keys are stable. */
export const ERRORS = {
  invalid_request: { status: 400, detail: 'The request is not valid; see errors.' },
  invalid_target: {
    status: 400,
    detail:
      'The request target is refused: dot segments, encoded slashes, backslashes and control characters are not carried, nor a path that could be read as one of another route.',
  },
  invalid_host: { status: 400, detail: 'Exactly one well-formed Host field is required.' },
  invalid_framing: { status: 400, detail: 'The framing of the message is faulty.' },
  malformed_message: { status: 400, detail: 'The message is not well-formed HTTP/1.1.' },
  forged_header: {
    status: 400,
    detail: 'The request carries a header that only the gateway may set.',
  },
  missing_token: { status: 401, detail: 'A bearer token is required.' },
  invalid_token: { status: 401, detail: 'The bearer token is not valid.' },
  invalid_credentials: { status: 401, detail: 'The e-mail or the password is wrong.' },
  wrong_password: { status: 403, detail: 'The current password is wrong.' },
  not_found: { status: 404, detail: 'There is nothing at this path.' },
  unknown_user: { status: 404, detail: 'There is no user with this id.' },
  method_not_allowed: { status: 405, detail: 'This path has other methods; see Allow.' },
  request_timeout: { status: 408, detail: 'The request did not arrive in time.' },
  email_taken: { status: 409, detail: 'An account with this e-mail exists.' },
  idempotency_in_progress: {
    status: 409,
    detail: 'A request with this Idempotency-Key is still running; retry later.',
  },
  body_too_large: { status: 413, detail: 'The request body is larger than accepted here.' },
  target_too_long: { status: 414, detail: 'The request target is longer than accepted.' },
  unsupported_media_type: {
    status: 415,
    detail:
      'The body must be application/json in UTF-8 (application/x-ndjson to import), without a content coding.',
  },
  expectation_failed: { status: 417, detail: 'Only 100-continue can be expected.' },
  misdirected_request: {
    status: 421,
    detail: 'Without an adminToken this is reached by an IP address or as localhost alone.',
  },
  idempotency_key_reused: {
    status: 422,
    detail: 'This Idempotency-Key came with another payload before.',
  },
  too_many_requests: {
    status: 429,
    detail: 'There were too many attempts; see Retry-After.',
  },
  headers_too_large: { status: 431, detail: 'The header section is larger than accepted.' },
  internal_error: { status: 500, detail: 'The gateway failed; the log has the request id.' },
  unknown_method: { status: 501, detail: 'The method is not one that can be carried.' },
  unknown_transfer_coding: { status: 501, detail: 'The only transfer coding known is chunked.' },
  upstream_unreachable: { status: 502, detail: 'The service behind could not be reached.' },
  upstream_failed: { status: 502, detail: 'The service behind did not give a valid answer.' },
  upstream_unavailable: {
    status: 503,
    detail: 'No target of the service behind works at present; retry later.',
  },
  too_many_in_flight: {
    status: 503,
    detail: 'Too many of your own requests are under way here; retry when some are over.',
  },
  overloaded: { status: 503, detail: 'Too much is waiting already; retry later.' },
  store_unavailable: {
    status: 503,
    detail: 'What keeps users and revocations does not answer; retry later.',
  },
  upstream_timeout: { status: 504, detail: 'The service behind did not answer in time.' },
  unsupported_http_version: {
    status: 505,
    detail: 'The versions known are HTTP/1.1 and HTTP/1.0.',
  },
  loop_detected: { status: 508, detail: 'The request came from this gateway itself.' },
} as const satisfies Record<string, { status: number; detail: string }>

export type ErrorCode = keyof typeof ERRORS

/** A failure that is known by its `code`; thrown where a value cannot be returned. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode

  constructor(code: ErrorCode) {
    super(ERRORS[code].detail)
    this.code = code
  }
}
