/// SHA-256 as FIPS 180-4 defines it, fed in pieces of any size.
#ifndef CHASH_H
#define CHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CHSHA256 {
  uint32_t state[8];
  uint8_t pending[64];
  uint64_t byteCount;
  bool isPortable;  // without the processor's own instructions, for tests
} CHSHA256;

/// A hash of nothing so far.
void ch_sha256Start(CHSHA256 *hash);
/// Takes in the next bytes.
void ch_sha256Update(CHSHA256 *hash, const void *bytes, size_t count);
/// Gives the 32 bytes of the hash of all that was taken in, which takes in no more then.
void ch_sha256Finish(CHSHA256 *hash, uint8_t *digest);

#endif
