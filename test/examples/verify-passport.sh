#!/usr/bin/env bash
# Verifies a passport with nothing but bash and openssl, and prints its JSON; exits with 1 otherwise.
#
#   X_PASSPORT, X_PROXY_STATE, X_PASSPORT_SIGNATURE   the three header fields, as they came
#   PASSPORT_SECRET                                   the secret, as the text it is
#   REQUEST_METHOD, REQUEST_TARGET                    both, where signatures are bound to the request
#   ANONYMOUS=accept                                  lets callers without a token through
#   NOW_SECONDS                                       the present; the clock of this machine if absent
#
# The secret, and the keys made of it, are on no command line that `ps` could show: openssl is given
# no key, it only hashes what comes on its standard input, and HMAC (RFC 2104) is written out here.
# The environment of a process can be read by its own user, and by root.
set -euo pipefail
export LC_ALL=C # characters are bytes

refuse() {
  printf '%s\n' "$1" >&2
  exit 1
}

# What comes on standard input, hashed, in hexadecimal.
sha256() {
  local digest
  read -r digest _ < <(openssl dgst -sha256 -r)
  printf '%s' "$digest"
}

# The bytes of $1, which is hexadecimal, each XOR $2.
bytes() {
  local i escaped=
  for ((i = 0; i < ${#1}; i += 2)); do
    printf -v escaped '%s\\x%02x' "$escaped" $((0x${1:i:2} ^ $2))
  done
  printf '%b' "$escaped"
}

# HMAC-SHA-256 of the text $2 under a key of 32 bytes, $1; both keys and result in hexadecimal.
hmac() {
  local key inner
  printf -v key '%s%064d' "$1" 0 # to the 64 bytes of a block
  inner=$({ bytes "$key" 0x36 && printf '%s' "$2"; } | sha256)
  { bytes "$key" 0x5c && bytes "$inner" 0; } | sha256
}

passport=${X_PASSPORT:-} segment=${X_PROXY_STATE:-} signature=${X_PASSPORT_SIGNATURE:-}
secret=${PASSPORT_SECRET:-}
((${#secret} >= 32)) || refuse 'PASSPORT_SECRET has fewer than 32 bytes'
[[ $passport =~ ^[A-Za-z0-9+/]+=?=?$ && ${#passport} -le 16384 ]] || refuse 'no X-Passport'
[[ $segment =~ ^[A-Za-z0-9+/]+=?=?$ ]] || refuse 'no X-Proxy-State'
[[ $signature =~ ^v=1\;\ kid=([A-Za-z0-9._-]{1,64})\;\ s=([A-Za-z0-9_-]{43})$ ]] ||
  refuse 'no X-Passport-Signature of version 1'
kid=${BASH_REMATCH[1]} given=${BASH_REMATCH[2]}

# HKDF-SHA-256 (RFC 5869) without salt, which is a salt of 32 zeros; one block is all that is needed.
printf -v zeros '%064d' 0
extracted=$(hmac "$zeros" "$secret")
key=$(hmac "$extracted" $'passport-gateway passport signature v1\x01')

lines="passport-gateway passport v1"$'\n'"$kid"$'\n'"$passport"$'\n'"$segment"
if [[ -n ${REQUEST_METHOD:-}${REQUEST_TARGET:-} ]]; then
  lines+=$'\n'"${REQUEST_METHOD:?}"$'\n'"${REQUEST_TARGET:?}"
fi
expected=$(bytes "$(hmac "$key" "$lines")" 0 | openssl base64 -A)
expected=${expected//+/-} expected=${expected//\//_} expected=${expected%=}
# Under a key that nobody else has, so that the time a comparison takes tells nothing.
[[ $(hmac "$key" "$given") == "$(hmac "$key" "$expected")" ]] || refuse 'the signature is not good'

# Only now is it read. A name between bare quotes, with a colon, cannot come from inside a text of JSON.
json=$(printf '%s' "$passport" | openssl base64 -d -A)
[[ $json =~ \"issued_at\":([0-9]{1,12})[,}] ]] || refuse 'no issued_at'
age=$((${NOW_SECONDS:-$(printf '%(%s)T' -1)} - 10#${BASH_REMATCH[1]}))
((age <= 60 && age >= -5)) || refuse 'the passport is too old, or of the future'
[[ $json =~ \"token_status\":\"valid\" || ${ANONYMOUS:-} == accept ]] || refuse 'anonymous'
printf '%s\n' "$json"
