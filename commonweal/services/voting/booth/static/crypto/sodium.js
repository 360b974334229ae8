// libsodium's arithmetic, through memory of our own in its WebAssembly: nothing is allocated for a single operation.
import createModule from '../vendor/libsodium.mjs'

const POINT = 32
let module
let scalarAt, firstAt, secondAt, resultAt
let textAt = 0
let textSize = 0

/** Loads the WebAssembly. Rejects where the device cannot run it. */
export async function loadSodium() {
  if (module) return
  const answer = await fetch(new URL('../vendor/libsodium.wasm', import.meta.url))
  if (!answer.ok) throw new Error(`libsodium.wasm: ${answer.status}`)
  const compiled = await WebAssembly.compile(await answer.arrayBuffer())
  const loaded = await createModule({
    instantiateWasm(imports, done) {
      WebAssembly.instantiate(compiled, imports).then(done)
    },
  })
  if (loaded._sodium_init() < 0) throw new Error('libsodium did not start')
  ;[scalarAt, firstAt, secondAt, resultAt] = Array.from({ length: 4 }, () => loaded._malloc(2 * POINT))
  module = loaded
}

const put = (bytes, address) => module.HEAPU8.set(bytes, address)
const take = (length = POINT) => module.HEAPU8.slice(resultAt, resultAt + length)

/** scalar * G for 32 little-endian bytes, not zero. */
export function baseTimes(scalar) {
  put(scalar, scalarAt)
  if (module._crypto_scalarmult_ed25519_base_noclamp(resultAt, scalarAt)) throw new Error('zero scalar')
  return take()
}

/** scalar * point; also checks that the point is a canonical member of the prime-order group, not the neutral one. */
export function pointTimes(scalar, point) {
  put(scalar, scalarAt)
  put(point, firstAt)
  if (module._crypto_scalarmult_ed25519_noclamp(resultAt, scalarAt, firstAt)) throw new Error('not a group member')
  return take()
}

export function pointPlus(first, second) {
  put(first, firstAt)
  put(second, secondAt)
  if (module._crypto_core_ed25519_add(resultAt, firstAt, secondAt)) throw new Error('not a point of the curve')
  return take()
}

export function isValidPoint(point) {
  put(point, firstAt)
  return module._crypto_core_ed25519_is_valid_point(firstAt) === 1
}

/** SHA-256 of bytes. */
export function sha256(bytes) {
  putText(bytes)
  module._crypto_hash_sha256(resultAt, textAt, bytes.length, 0)
  return take()
}

/** HMAC-SHA-512 of bytes under a key of 32 bytes. */
export function hmacSha512(key, bytes) {
  putText(bytes)
  put(key, scalarAt)
  module._crypto_auth_hmacsha512(resultAt, textAt, bytes.length, 0, scalarAt)
  return take(64)
}

/** Overwrites whatever secret the last operations left in libsodium's memory. */
export function wipe() {
  for (const address of [scalarAt, firstAt, secondAt, resultAt]) module.HEAPU8.fill(0, address, address + 2 * POINT)
}

function putText(bytes) {
  if (bytes.length > textSize) {
    if (textAt) module._free(textAt)
    textSize = 2 * bytes.length + 1024
    textAt = module._malloc(textSize)
  }
  put(bytes, textAt)
}
