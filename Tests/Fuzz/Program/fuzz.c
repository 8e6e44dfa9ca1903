// What libFuzzer, whose `main` this program has, calls; the readers are Swift (Targets).
#include <stddef.h>
#include <stdint.h>

extern void pure_fuzzBegin(int *count, char ***words);
extern uint32_t pure_fuzzCase(const uint8_t *bytes, size_t size);

// libFuzzer keeps an input that raises a new one of these. So it learns where nothing counts the
// edges that are taken, and elsewhere besides.
__attribute__((used, section("__libfuzzer_extra_counters"))) static uint8_t outcomes[1 << 13];

int LLVMFuzzerInitialize(int *count, char ***words) {
  pure_fuzzBegin(count, words);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  outcomes[pure_fuzzCase(bytes, size) % sizeof outcomes] = 1;
  return 0;
}
